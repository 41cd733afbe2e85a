"""Writes golden/small-training.json: three Adam steps of a small net on random pixels, computed by PyTorch.

    python packages/engine/scripts/make-small-golden.py

Needs torch and numpy. The pixels and labels are inside the file, so the test needs no data set.
"""
import base64
import json
import pathlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)
torch.set_num_threads(1)
BATCH, CLASSES, LR, BETAS, EPS = 8, 4, 4e-4, (0.9, 0.99), 1e-8


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.bn = nn.BatchNorm2d(width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        h = self.bn(x)
        return h + F.relu(self.conv(h))


net = nn.Sequential(
    nn.Conv2d(1, 3, 5, padding=2), nn.ReLU(),
    Residual(3), nn.MaxPool2d(2),
    nn.BatchNorm2d(3), nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True),
    Residual(5), nn.BatchNorm2d(5), nn.AvgPool2d(4), nn.Flatten(), nn.Linear(5, CLASSES),
)
for name, parameter in net.named_parameters():
    if parameter.dim() == 1:
        parameter.data += 0.2 * torch.randn_like(parameter)

images = torch.randn(3 * BATCH, 1, 14, 14)
images[:, :, :4] = -0.4242  # a flat background, so that max pooling meets ties as it does on digits
labels = torch.randint(0, CLASSES, (3 * BATCH,))


def pack(tensor):
    data = tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()
    return {"shape": list(tensor.shape), "f32": base64.b64encode(data).decode()}


def weights():
    return {k: pack(v) for k, v in net.state_dict().items() if "num_batches" not in k}


def evaluate(x):
    net.eval()
    with torch.no_grad():
        logits = net(x)
    net.train()
    return pack(logits)


golden = {
    "torch": torch.__version__, "batchSize": BATCH, "lr": LR, "betas": BETAS, "eps": EPS,
    "names": [name for name, _ in net.named_parameters()], "initial": weights(),
    "images": pack(images.permute(0, 2, 3, 1)), "labels": labels.tolist(),
    "evalLogitsBefore": evaluate(images[:BATCH]), "losses": [],
}
optimizer = torch.optim.Adam(net.parameters(), lr=LR, betas=BETAS, eps=EPS)
for step in range(3):
    at = slice(step * BATCH, (step + 1) * BATCH)
    optimizer.zero_grad()
    loss = F.cross_entropy(net(images[at]), labels[at])
    loss.backward()
    if step == 0:
        golden["gradients"] = {name: pack(p.grad) for name, p in net.named_parameters()}
    optimizer.step()
    golden["losses"].append(loss.item())
golden["afterSteps"] = weights()
golden["evalLogitsAfter"] = evaluate(images[:BATCH])
path = pathlib.Path(__file__).parent.parent / "golden" / "small-training.json"
path.write_text(json.dumps(golden))
print(path, np.round(golden["losses"], 6))
