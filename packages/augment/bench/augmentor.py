"""The competitor of augment.mjs: Augmentor on Pillow, one thread, driven line by line.

    python augmentor.py IMAGES COUNT

IMAGES is a file of COUNT raw 28 x 28 uint8 images. Prints one line of versions, then for each line on standard input
runs every image once through the experiment's pipeline and prints the seconds.
"""

import json
import platform
import sys
import time

import numpy as np
import PIL
from Augmentor.Operations import Crop, Distort, Resize, RotateRange
from PIL import Image

path, count = sys.argv[1], int(sys.argv[2])
pixels = np.fromfile(path, np.uint8).reshape(count, 28, 28)
images = [Image.fromarray(image) for image in pixels]
operations = [
    Crop(1, width=25, height=25, centre=False),
    Resize(1, width=28, height=28, resample_filter="BICUBIC"),
    Distort(1, grid_width=4, grid_height=4, magnitude=1),
    RotateRange(1, max_left_rotation=10, max_right_rotation=10),
]


def augment(image):
    batch = [image]
    for operation in operations:
        batch = operation.perform_operation(batch)
    values = np.asarray(batch[0], np.float32) / 255
    return (values - values.mean()) / values.std()


for image in images[:200]:
    augment(image)
print(json.dumps({"python": platform.python_version(), "pillow": PIL.__version__, "numpy": np.__version__}), flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    for image in images:
        augment(image)
    print(time.perf_counter() - start, flush=True)
