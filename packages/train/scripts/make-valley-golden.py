"""Writes test/golden/valley.json: what fastai's `valley` picks on seeded curves.

    pip install fastai && python packages/train/scripts/make-valley-golden.py        # made with fastai 2.8.12
"""
import json
import pathlib
import random

import torch
from fastai import __version__
from fastai.callback.schedule import valley

random.seed(7)
cases = []
for length, noise in [(40, 0.0), (40, 0.05), (100, 0.02), (100, 0.3), (500, 0.01), (7, 0.1), (3, 0.0)]:
    rates = [10 ** (-6 + 7 * i / length) for i in range(length)]
    losses = []
    for i in range(length):
        exponent = -6 + 7 * i / length
        fall = 2 / (1 + 2.718281828459045 ** (-2 * (exponent + 3)))
        rise = 2.718281828459045 ** (3 * (exponent + 0.5))
        # Two decimals: equal neighbours happen, and are no descent.
        losses.append(round(2.3 - fall + rise + random.gauss(0, noise), 2 if noise else 12))
    picked, _ = valley(torch.tensor(rates, dtype=torch.float64), torch.tensor(losses, dtype=torch.float64), length)
    cases.append({"losses": losses, "index": min(range(length), key=lambda i: abs(rates[i] - picked))})

path = pathlib.Path(__file__).parents[1] / "test" / "golden" / "valley.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps({"fastai": __version__, "cases": cases}) + "\n")
