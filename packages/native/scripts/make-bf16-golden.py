"""Writes golden/bf16-error.json: how far PyTorch's own bf16 autocast is from float64, for each tensor's gradient.

    python packages/native/scripts/make-bf16-golden.py

Needs torch and numpy. Net and initial weights are those of packages/engine/golden/pytorch-training.json; the batches come
from the generator below, which test/bf16.test.ts repeats.
"""
import base64
import json
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
BATCHES, SIZE, PIXELS = 12, 16, 784
folder = pathlib.Path(__file__).parent.parent
golden = json.loads((folder / "../engine/golden/pytorch-training.json").read_text())
state = 1


def random():
    """Numerical Recipes' linear congruential generator."""
    global state
    state = (state * 1664525 + 1013904223) % 2**32
    return state / 2**32


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.bn = nn.BatchNorm2d(width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        h = self.bn(x)
        return h + F.relu(self.conv(h))


def decode(tensor):
    return torch.tensor(np.frombuffer(base64.b64decode(tensor["f32"]), np.float32).copy()).reshape(tensor["shape"])


def build():
    a, b, c = golden["widths"]
    net = nn.Sequential(
        nn.Conv2d(1, a, 5, padding=2), nn.ReLU(), Residual(a), nn.MaxPool2d(2), Residual(a), nn.BatchNorm2d(a),
        nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), Residual(b), nn.BatchNorm2d(b),
        nn.Conv2d(b, c, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True), Residual(c), nn.BatchNorm2d(c),
        nn.AvgPool2d(4), nn.Flatten(), nn.Linear(c, 10),
    )  # fmt: skip
    net.load_state_dict({name: decode(value) for name, value in golden["initial"].items()}, strict=False)
    return net


def gradients(x, y, bf16):
    net = build().to(memory_format=torch.channels_last)
    if not bf16:
        net, x = net.double(), x.double()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        loss = F.cross_entropy(net(x), y)
    loss.backward()
    return loss.item(), [parameter.grad.double() for parameter in net.parameters()]


def logits(x, bf16):
    net = build().eval()
    if not bf16:
        net, x = net.double(), x.double()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        return net(x).double()


tensors = len(golden["names"])
sums, differences, losses = np.zeros(tensors), np.zeros(tensors), []
for batch in range(BATCHES):
    x = torch.tensor([2 * random() - 1 for _ in range(SIZE * PIXELS)], dtype=torch.float32).reshape(SIZE, 1, 28, 28)
    y = torch.tensor([int(10 * random()) for _ in range(SIZE)])
    (exact_loss, exact), (loss, found) = gradients(x, y, False), gradients(x, y, True)
    losses.append(abs(loss / exact_loss - 1))
    for i, (a, b) in enumerate(zip(exact, found)):
        sums[i] += float((a**2).sum())
        differences[i] += float(((a - b) ** 2).sum())
    if batch == 0:
        a, b = logits(x, False), logits(x, True)
        evaluation = float((a - b).abs().max() / a.abs().max())
errors = np.sqrt(differences / sums)
result = {
    "torch": torch.__version__,
    "batches": BATCHES,
    "batchSize": SIZE,
    "evaluationLogits": evaluation,
    "losses": max(losses),
    "gradients": {name: round(float(e), 5) for name, e in zip(golden["names"], errors)},
    "gradient": float(np.sqrt(differences.sum() / sums.sum())),
}
path = folder / "golden" / "bf16-error.json"
path.write_text(json.dumps(result, indent=2) + "\n")
print(path, result)
