"""Writes forward.json: logits that PyTorch gives for the nets of the zoo, written here a second time, from the papers.

Weights and images follow a formula (`noise`) that both sides compute, keyed by the weight's name, so that the file
holds nothing but logits. Run: python make_forward_golden.py   (needs numpy and torch)
"""

import json
import pathlib

import numpy as np
import torch
from torch.nn import functional as F


def noise(key, count):
    """Uniform in [0, 1), from FNV-1a of the key and the element's position."""
    salt = 0x811C9DC5
    for byte in key.encode():
        salt = ((salt ^ byte) * 0x01000193) & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        x = (np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x9E3779B1)) ^ np.uint32(salt)
        x ^= x >> np.uint32(15)
        x *= np.uint32(0x2C1B3C6D)
        x ^= x >> np.uint32(12)
        x *= np.uint32(0x297A2D39)
        x ^= x >> np.uint32(15)
    return x.astype(np.float64) / 2**32


def centred(key, shape, bound):
    values = (noise(key, int(np.prod(shape))) * 2 - 1) * bound
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def conv(name, x, out, kernel, stride=1, padding=0, bias=True):
    fan_in = x.shape[1] * kernel * kernel
    hwio = centred(f"{name}/kernel", (kernel, kernel, x.shape[1], out), fan_in**-0.5)
    b = centred(f"{name}/bias", (out,), fan_in**-0.5) if bias else None
    return F.conv2d(x, hwio.permute(3, 2, 0, 1), b, stride, padding)


def dense(name, x, out, bias=True):
    bound = x.shape[1] ** -0.5
    weight = centred(f"{name}/kernel", (x.shape[1], out), bound)
    return F.linear(x, weight.T, centred(f"{name}/bias", (out,), bound) if bias else None)


def bn(name, x, eps=1e-5):
    c = x.shape[1]
    gamma = 1 + centred(f"{name}/gamma", (c,), 0.5)
    variance = 1 + centred(f"{name}/moving_variance", (c,), 0.5)
    beta, mean = (centred(f"{name}/{part}", (c,), 0.5) for part in ("beta", "moving_mean"))
    return F.batch_norm(x, mean, variance, gamma, beta, training=False, eps=eps)


def flatten_nhwc(x):
    return x.permute(0, 2, 3, 1).flatten(1)


def committee(x, widths=(8, 16, 32)):
    def res(name, x):
        h = bn(f"{name}_bn", x)
        return h + F.relu(conv(f"{name}_conv", h, x.shape[1], 3, padding=1))

    a, b, c = widths
    x = F.relu(conv("stage1_conv", x, a, 5, padding=2))
    x = F.max_pool2d(res("block1", x), 2)
    x = bn("stage1_bn", res("block2", x))
    x = F.max_pool2d(F.relu(conv("stage2_conv", x, b, 3, padding=1)), 2)
    x = bn("stage2_bn", res("block3", x))
    x = F.max_pool2d(F.relu(conv("stage3_conv", x, c, 3, padding=1)), 2, ceil_mode=True)
    x = bn("stage3_bn", res("block4", x))
    return dense("logits", F.avg_pool2d(x, 4).flatten(1), 10)


def lenet5(x):
    x = F.avg_pool2d(torch.tanh(conv("c1_conv", x, 6, 5, padding=2)), 2)
    x = F.avg_pool2d(torch.tanh(conv("c3_conv", x, 16, 5)), 2)
    x = torch.tanh(dense("c5_dense", flatten_nhwc(x), 120))
    return dense("logits", torch.tanh(dense("f6_dense", x, 84)), 10)


def deotte(x):
    def block(name, x, *args, same=0):
        if same:  # Keras pads an even side with stride 2 by 1 before and 2 after
            x = F.pad(x, (1, 2, 1, 2))
        return bn(f"{name}_bn", F.relu(conv(name, x, *args)), eps=1e-3)

    for stage, width in ((1, 32), (2, 64)):
        x = block(f"stage{stage}_conv1", x, width, 3)
        x = block(f"stage{stage}_conv2", x, width, 3)
        x = block(f"stage{stage}_conv3", x, width, 5, 2, same=1)
    return dense("logits", flatten_nhwc(block("stage3_conv", x, 128, 4)), 10)


def simple(kernel, channels):
    def net(x):
        for i, c in enumerate(channels, 1):
            x = F.relu(bn(f"conv{i}_bn", conv(f"conv{i}", x, c, kernel, bias=False)))
        return bn("logits", dense("dense", flatten_nhwc(x), 10, bias=False))

    return net


nets = {
    "committee": committee,
    "lenet5": lenet5,
    "deotte": deotte,
    "simple-3": simple(3, range(32, 177, 16)),
    "simple-5": simple(5, range(32, 161, 32)),
    "simple-7": simple(7, range(48, 193, 48)),
}

images = torch.from_numpy(noise("images", 28 * 28).astype(np.float32).reshape(1, 1, 28, 28))
with torch.no_grad():
    logits = {name: [float(v) for v in net(images)[0]] for name, net in nets.items()}
out = {"torch": torch.__version__, "committeeWidths": [8, 16, 32], "logits": logits}
pathlib.Path(__file__).with_name("forward.json").write_text(json.dumps(out, indent=1) + "\n")
