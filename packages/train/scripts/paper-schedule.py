"""Prints the figures that test/schedules.test.ts carries, computed by PyTorch's schedulers.

    python packages/train/scripts/paper-schedule.py

The paper's learning rate: ten epochs of 600 steps under LambdaLR (0.1 ** (step / 6000)), then CosineAnnealingLR from the last rate that was used.
Then one cycle.
"""
import warnings

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, OneCycleLR

warnings.simplefilter("ignore")


def run(scheduler, optimizer, steps):
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def sgd(lr):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)


optimizer = sgd(4e-4)
rates = run(LambdaLR(optimizer, lambda step: 0.1 ** (step / 6000)), optimizer, 6000)
last = rates[-1]
optimizer = sgd(last)
rates += run(CosineAnnealingLR(optimizer, T_max=600, eta_min=last / 1000), optimizer, 600)
print({step: rates[step] for step in (0, 1, 3000, 5999, 6000, 6001, 6300, 6599)})

# oneCycle({ max: 2e-3, steps: 100, riseFraction: 0.25 }): PyTorch's phases end at pct_start * total_steps - 1 and total_steps - 1.
optimizer = sgd(1.0)
cycle = OneCycleLR(
    optimizer, max_lr=2e-3, total_steps=101, pct_start=26 / 101, div_factor=25, final_div_factor=4e3, cycle_momentum=False
)
rates = run(cycle, optimizer, 101)
print({step: rates[step] for step in (0, 10, 25, 60, 100)})
