"""Writes astra_colour.json: torchvision's colour changes of a Pillow picture, by the Pillow calls torchvision makes."""
import json
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageEnhance


def lcg_bytes(count, state=1):
    values = []
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state >> 24)
    return np.array(values, dtype=np.uint8)


def hue(image, turn):
    h, s, v = image.convert("HSV").split()
    shifted = np.array(h) + np.int32(turn * 255).astype(np.uint8)
    return Image.merge("HSV", (Image.fromarray(shifted.astype(np.uint8), "L"), s, v)).convert("RGB")


image = Image.fromarray(lcg_bytes(16 * 16 * 3).reshape(16, 16, 3))
changes = {"brightness": lambda f: ImageEnhance.Brightness(image).enhance(f), "contrast": lambda f: ImageEnhance.Contrast(image).enhance(f),
           "saturation": lambda f: ImageEnhance.Color(image).enhance(f), "hue": lambda f: hue(image, f)}
cases = [{"change": name, "factor": f, "hex": np.array(change(f)).tobytes().hex()}
         for name, change in changes.items() for f in ([-0.1, 0.033, 0.1] if name == "hue" else [0.6, 0.937, 1.4])]
cases.append({"change": "grayscale", "factor": 1, "hex": np.array(image.convert("L").convert("RGB")).tobytes().hex()})
out = {"made_with": f"Pillow {PIL.__version__}", "cases": cases}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
