"""nibabel's and Pillow's side of bench/io.mjs: reads the same files, prints a JSON list in the same order.

usage: io.py RUNS PACKED PLAIN SCALED PICTURE
"""
import io
import json
import statistics
import sys
import time

import nibabel
import numpy
import PIL
from PIL import Image

runs, (packed, plain, scaled, picture) = int(sys.argv[1]), sys.argv[2:]


def measure(work):
    work()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        result = work()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), result


def volume(path):
    ms, data = measure(lambda: numpy.array(nibabel.load(path).get_fdata(dtype=numpy.float32, caching="unchanged")))
    return {"name": "nibabel", "version": f"nibabel {nibabel.__version__}", "ms": ms, "sum": float(data.sum(dtype=float))}


contents = open(picture, "rb").read()
image = Image.open(io.BytesIO(contents))
image.load()
pillow = {"name": "Pillow", "version": f"Pillow {PIL.__version__}"}
decode, _ = measure(lambda: numpy.asarray(Image.open(io.BytesIO(contents))))
encode, _ = measure(lambda: image.save(io.BytesIO(), "png"))
print(json.dumps([volume(packed), volume(plain), volume(scaled), {**pillow, "ms": decode}, {**pillow, "ms": encode}]))
