"""Writes test/golden/schedules.json: what PyTorch's schedulers give at the steps of a run.

    python packages/train/scripts/make-schedule-golden.py        # PyTorch; made with 2.15

Each entry: the class, our options and the values at steps 0, 1, ... of the scheduler. `paper` is the learning rate of the
99.82 % experiment: LambdaLR (0.1 ** (step / 6000)) for 6000 steps, then CosineAnnealingLR from the last rate that was used.
"""
import json
import pathlib
import warnings

import torch
from torch.optim import lr_scheduler

warnings.simplefilter("ignore")


def sgd(lr):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, momentum=0.9)


def run(optimizer, scheduler, steps, name="lr"):
    values = []
    for step in range(steps):
        values.append(optimizer.param_groups[0][name])
        if step + 1 < steps:
            optimizer.step()
            scheduler.step()
    return values


def ramp(make, start, steps):
    optimizer = sgd(start)
    return run(optimizer, make(optimizer), steps)


cycles = []
for steps, rise, start, final in [
    (100, 0.25, 25, 1e4), (100, 0.3, 25, 1e4), (37, 0.31, 10, 100), (10, 0.5, 4, 1), (6600, 0.2, 25, 4e3), (5, 0.01, 25, 10),
]:
    def cycle(optimizer):
        return lr_scheduler.OneCycleLR(
            optimizer, max_lr=2e-3, total_steps=steps, pct_start=rise, div_factor=start, final_div_factor=final,
            base_momentum=0.85, max_momentum=0.95,
        )

    rate = sgd(1.0)
    momentum = sgd(1.0)
    rates = run(rate, cycle(rate), steps)
    momenta = run(momentum, cycle(momentum), steps, "momentum")
    shown = range(steps) if steps <= 100 else [0, 1, 500, 1318, 1319, 1320, 4000, 6598, 6599]
    cycles.append({
        "options": {"max": 2e-3, "steps": steps, "riseFraction": rise, "startDivisor": start, "endDivisor": start * final},
        "values": {step: rates[step] for step in shown},
        "momentum": {step: momenta[step] for step in shown},
    })

ramps = [
    {"schedule": "linear", "options": {"from": 0.5, "to": 0.125, "steps": 8},
     "values": ramp(lambda o: lr_scheduler.LinearLR(o, 1, 0.25, total_iters=8), 0.5, 12)},
    {"schedule": "cosine", "options": {"from": 0.5, "to": 0.01, "steps": 8},
     "values": ramp(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=8, eta_min=0.01), 0.5, 9)},
    {"schedule": "exponential", "options": {"from": 0.5, "to": 0.5 * 0.9**8, "steps": 8},
     "values": ramp(lambda o: lr_scheduler.ExponentialLR(o, gamma=0.9), 0.5, 9)},
    {"schedule": "polynomial", "options": {"from": 0.5, "to": 0, "steps": 8, "power": 3},
     "values": ramp(lambda o: lr_scheduler.PolynomialLR(o, total_iters=8, power=3), 0.5, 12)},
    {"schedule": "stepDecay", "options": {"from": 0.5, "factor": 0.3, "milestones": [2, 5]},
     "values": ramp(lambda o: lr_scheduler.MultiStepLR(o, [2, 5], gamma=0.3), 0.5, 9)},
    {"schedule": "stepDecay", "options": {"from": 0.5, "factor": 0.3, "every": 3},
     "values": ramp(lambda o: lr_scheduler.StepLR(o, 3, gamma=0.3), 0.5, 9)},
]

paper = ramp(lambda o: lr_scheduler.LambdaLR(o, lambda step: 0.1 ** (step / 6000)), 4e-4, 6000)
last = paper[-1]
paper += ramp(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=600, eta_min=last / 1000), last, 600)

golden = {
    "torch": torch.__version__,
    "oneCycle": cycles,
    "ramps": ramps,
    "paper": {step: paper[step] for step in (0, 1, 3000, 5999, 6000, 6001, 6300, 6599)},
}
path = pathlib.Path(__file__).parents[1] / "test" / "golden" / "schedules.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(golden, indent=1) + "\n")
