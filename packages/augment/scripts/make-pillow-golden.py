"""Makes test/golden/pillow.json: what Pillow, Augmentor and SciPy give for drawn images of several sizes.

Needs Python 3.9+ with numpy, scipy, Augmentor 0.2.12 and Pillow below 13. (Pillow 13 resizes columns before rows where
an image shrinks much more in height than in width, which rounds differently; the experiment's Pillow never did.)

    python scripts/make-pillow-golden.py

The images are drawn here (no data set) and stored in the file with every result, so that the tests need no Python.
Augmentor's own operations run; only their random numbers are replaced by the ones that the file names.
"""

import base64
import json
import pathlib
import random
import sys

import numpy as np
import PIL
import scipy
from Augmentor.Operations import Distort, RotateRange
from PIL import Image
from scipy.ndimage import gaussian_filter

if int(PIL.__version__.split(".")[0]) >= 13:
    sys.exit(f"Pillow {PIL.__version__} found, below 13 needed: pip install 'pillow<13'")

rng = np.random.default_rng(20240917)


def pack(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def smooth(height, width):
    noise = gaussian_filter(rng.standard_normal((height, width)), 2)
    return np.uint8(np.round(255 * (noise - noise.min()) / (noise.max() - noise.min())))


def noisy(height, width):
    return np.uint8(rng.integers(0, 256, (height, width)))


def binary(height, width):
    return np.uint8(255 * (rng.random((height, width)) < 0.5))


def stroke(height, width):
    """A bent bright line on black, much like a digit: large empty areas, hard edges."""
    y, x = np.mgrid[0:height, 0:width]
    distance = np.full((height, width), 1e9)
    a, b, c = rng.uniform(0.5, 2.5, 3)
    for t in np.linspace(0, 1, 60):
        px = width * (0.5 + 0.3 * np.sin(2 * np.pi * (a * t + b)))
        py = height * (0.2 + 0.6 * t + 0.05 * np.sin(c * 6 * t))
        distance = np.minimum(distance, np.hypot(x - px, y - py))
    return np.uint8(255 * np.clip(2.2 - distance, 0, 1))


class Scripted:
    """Stands in for the `random` module inside Augmentor."""

    def __init__(self, numbers):
        self.numbers = list(numbers)

    def __call__(self, low, high):
        value = self.numbers.pop(0)
        assert low <= value <= high, (low, value, high)
        return value


def with_numbers(numbers, operation, image):
    original = random.randint
    random.randint = Scripted(numbers)
    try:
        return np.asarray(operation.perform_operation([image])[0])
    finally:
        random.randint = original


def rotate(image, degrees):
    left, right, coin = (degrees, 0, 0) if degrees < 0 else (0, degrees, 1)
    return with_numbers([left, right, coin], RotateRange(1, 25, 25), image)


images = [
    ("smooth", smooth(28, 28)),
    ("noisy", noisy(28, 28)),
    ("binary", binary(28, 28)),
    ("stroke", stroke(28, 28)),
    ("stroke wide", stroke(24, 37)),
    ("noisy tall", noisy(35, 19)),
    ("smooth wide", smooth(16, 30)),
    ("noisy small", noisy(9, 8)),
    ("full", np.full((20, 20), 255, np.uint8)),
]
cases = []
for name, pixels in images:
    height, width = pixels.shape
    image = Image.fromarray(pixels)
    real = Image.fromarray(pixels.astype(np.float32))
    results = []

    def add(kernel, options, array):
        results.append(
            {"kernel": kernel, "options": options, "shape": list(array.shape), "dtype": str(array.dtype), "result": pack(array)}
        )

    for left, top, w, h in [(0, 0, width, height), (2, 3, width - 3, height - 4), (-3, 2, width, height), (5, -2, width, height + 5)]:
        add("crop", {"left": left, "top": top}, np.asarray(image.crop((left, top, left + w, top + h))))
    for w, h in [(28, 28), (width + 3, height + 5), (width * 2, height), (width, height * 3), (max(width // 2, 1), max(height // 3, 1)), (5, 41), (1, 1)]:
        add("resizeBicubic", {}, np.asarray(image.resize((w, h), Image.BICUBIC)))
    add("resizeBicubic", {}, np.asarray(real.resize((width + 4, height + 3), Image.BICUBIC)))
    for columns, rows, magnitude in [(4, 4, 1), (4, 4, 3), (3, 5, 2), (1, 1, 0), (5, 2, 6)]:
        shifts = [int(v) for v in rng.integers(-magnitude, magnitude + 1, 2 * (columns - 1) * (rows - 1))]
        options = {"columns": columns, "rows": rows, "shifts": shifts}
        operation = Distort(1, columns, rows, magnitude)
        add("distortMesh", options, with_numbers(shifts, operation, image))
        add("distortMesh", options, with_numbers(shifts, operation, real))
    for degrees in [-25, -17, -10, -9, -4, -1, 0, 1, 2, 3, 5, 6, 7, 8, 10, 13, 21]:
        add("rotateAndFill", {"degrees": degrees}, rotate(image, degrees))
    add("rotateAndFill", {"degrees": 7}, rotate(real, 7))
    scaled = pixels.astype(np.float64) / 255
    deviation = scaled.std()
    add("normalize", {}, np.float32((scaled - scaled.mean()) / deviation if deviation > 0 else scaled * 0))
    cases.append({"name": name, "shape": [height, width], "pixels": pack(pixels), "results": results})

blurs = []
for height, width, sigma in [(28, 28, 4.0), (28, 28, 1.5), (12, 31, 6.0), (9, 7, 0.3)]:
    field = rng.uniform(-1, 1, (height, width))
    smoothed = gaussian_filter(field, sigma, mode="constant", truncate=3.0)
    blurs.append({"shape": [height, width], "sigma": sigma, "field": pack(field), "result": pack(smoothed)})

target = pathlib.Path(__file__).parent.parent / "test" / "golden" / "pillow.json"
versions = {"pillow": PIL.__version__, "augmentor": "0.2.12", "scipy": scipy.__version__, "numpy": np.__version__}
target.write_text(json.dumps({"versions": versions, "cases": cases, "gaussianBlurs": blurs}, indent=1) + "\n")
print(f"{sum(len(case['results']) for case in cases)} results, {target.stat().st_size} bytes", file=sys.stderr)
