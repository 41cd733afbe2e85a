"""The PyTorch contestant of train.mjs and inference.mjs: same net, same batches, same optimiser.

`layout` names any of cuda (TF32 off), channels_last, fused (Adam in one kernel) and bf16 (autocast), joined by underscores, or is
`default`.
"""

import json
import resource
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

net, threads, file, count, size, mode, layout = sys.argv[1:8]
count, size = int(count), int(size)
torch.set_num_threads(int(threads))
torch.manual_seed(1)
device = "cuda" if "cuda" in layout else "cpu"
torch.backends.cudnn.allow_tf32 = False


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.BatchNorm2d(width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        h = self.norm(x)
        return h + functional.relu(self.conv(h))


a, b, c = (32, 64, 128) if net == "compact" else (128, 256, 512)
model = nn.Sequential(
    nn.Conv2d(1, a, 5, padding=2), nn.ReLU(), Residual(a), nn.MaxPool2d(2), Residual(a), nn.BatchNorm2d(a),
    nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), Residual(b), nn.BatchNorm2d(b),
    nn.Conv2d(b, c, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True), Residual(c), nn.BatchNorm2d(c),
    nn.AvgPool2d(4), nn.Flatten(), nn.Linear(c, 10),
)  # fmt: skip
if "channels_last" in layout:
    model = model.to(memory_format=torch.channels_last)
raw = open(file, "rb").read()
pixels = count * size * 784
images = torch.tensor(numpy.frombuffer(raw, numpy.float32, pixels)).reshape(count, size, 1, 28, 28)
labels = torch.tensor(numpy.frombuffer(raw, numpy.uint8, count * size, pixels * 4).astype(numpy.int64)).reshape(count, size)
model, images, labels = model.to(device), images.to(device), labels.to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=4e-4, betas=(0.9, 0.99), fused=("fused" in layout) or None)


def step(index):
    with torch.autocast(device, dtype=torch.bfloat16, enabled="bf16" in layout):
        loss = functional.cross_entropy(model(images[index % count]), labels[index % count])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def predict(_):
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled="bf16" in layout):
        return [model(batch) for batch in images]


run, images_a_step = step, size
if mode == "inference":
    model.eval()
    run, images_a_step = predict, count * size
index = 0
for _ in range(3):
    run(index)
    index += 1
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    milliseconds = []
    run(index)  # as in _peer-loop.mjs: the first step after a rest is not timed
    index += 1
    for _ in range(int(line.split()[1])):
        start = time.perf_counter()
        run(index)
        index += 1
        milliseconds.append((time.perf_counter() - start) * 1000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"milliseconds": milliseconds, "peakBytes": peak, "batchSize": images_a_step}), flush=True)
