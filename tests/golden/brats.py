"""Slices of a small volume, as RASALoRE's DATA/Data_Extraction.py makes them, with NumPy and Pillow.

python tests/golden/brats.py > tests/golden/brats.json
"""
import json
import random

import numpy as np
import scipy
from scipy.ndimage import gaussian_filter

SHAPE = (7, 5, 12)
MARGIN, AREA = 2, 4


def volume():
    i, j, k = np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij")
    return ((i * 37 + j * 101 + k * 53) % 199 - 20).astype(np.int16), (np.hypot(i - 3, j - 2) < (k - 4) * 0.6).astype(np.uint8) * 4


def slices():
    scan, seg = volume()
    scan = 0.37 * scan.astype(np.float64) + 3  # as a NIfTI slope and intercept give it
    out = []
    for z in range(MARGIN, SHAPE[2] - MARGIN):
        v = scan[:, :, z]
        area = int(np.count_nonzero(seg[:, :, z] > 0))
        kind = "unhealthy" if area > AREA else "healthy" if area == 0 else "ambiguous"
        u8 = ((v - v.min()) / (v.max() - v.min() + 1e-8) * 255).astype(np.uint8)
        out.append({"z": z, "kind": kind, "area": area, "image": u8.ravel().tolist(), "mask": ((seg[:, :, z] > 0) * 255).ravel().tolist()})
    return out


def shuffles():
    out = []
    for seed, n in [(42, 10), (42, 20), (0, 7), (7, 300)]:
        items = list(range(n))
        random.seed(seed)
        random.shuffle(items)
        out.append({"seed": seed, "n": n, "python": items, "numpy": np.random.RandomState(seed).permutation(n).tolist()})
    return out


def smoothed():
    image = (np.arange(6 * 9).reshape(6, 9) * 7 % 11).astype(np.float64)
    return [{"sigma": s, "values": [round(x, 12) for x in gaussian_filter(image, s).ravel().tolist()]} for s in (0.7, 2, 10)]


print(json.dumps({"made_with": f"numpy {np.__version__}, scipy {scipy.__version__}", "slices": slices(), "shuffles": shuffles(), "gaussian": smoothed()}))
