"""Golden values for src/signal from librosa and Pillow: python tests/golden/log_mel.py > tests/golden/log_mel.json

Signals and pictures come from the generator of `lcg` below, so that the tests can make the same ones.
"""
import hashlib
import json
import sys

import librosa
import numpy as np
import PIL
from PIL import Image


def lcg(count, state):
    """Numerical Recipes' generator, s <- 1664525 s + 1013904223 mod 2^32; values s / 2^32 after each update."""
    out = np.empty(count)
    for i in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        out[i] = state / 2**32
    return out


def clip(length, rate, seed):
    """Noise under two tones, one of them swelling; float64."""
    t = np.arange(length) / rate
    tones = 0.3 * np.sin(2 * np.pi * 440 * t) + 0.2 * np.sin(2 * np.pi * 0.3 * rate * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))
    return tones + 0.1 * (lcg(length, seed) - 0.5)


CASES = [
    dict(length=16000, sampleRate=16000, nFft=1024, hopLength=512, nMels=128, fMin=20, fMax=8000, ref="max", topDb=80),
    dict(length=16000, sampleRate=16000, nFft=512, hopLength=160, nMels=64, fMin=0, fMax=8000, ref=1, topDb=80),
    dict(length=22050, sampleRate=22050, nFft=2048, hopLength=512, nMels=128, fMin=0, fMax=11025, ref="max", topDb=None),
    dict(length=9001, sampleRate=16000, nFft=400, hopLength=160, nMels=40, fMin=0, fMax=8000, ref="max", topDb=80),
    dict(length=9001, sampleRate=44100, nFft=441, hopLength=147, nMels=26, fMin=50, fMax=14000, ref="max", topDb=60),
    dict(length=300, sampleRate=16000, nFft=1024, hopLength=512, nMels=20, fMin=20, fMax=8000, ref="max", topDb=80),
    dict(length=8000, sampleRate=8000, nFft=1024, hopLength=256, nMels=32, fMin=0, fMax=4000, ref=0.5, topDb=40, scale="htk", norm="none"),
    dict(length=8000, sampleRate=16000, nFft=1024, hopLength=512, nMels=80, fMin=20, fMax=7600, ref="max", topDb=80, padding="reflect"),
    dict(length=8000, sampleRate=16000, nFft=1024, hopLength=512, nMels=80, fMin=20, fMax=7600, ref="max", topDb=80, padding="none"),
    dict(length=8000, sampleRate=16000, nFft=1024, hopLength=256, nMels=80, fMin=20, fMax=7600, ref="max", topDb=80, winLength=640),
]


def log_mel(case, seed):
    samples = clip(case["length"], case["sampleRate"], seed)
    padding = case.get("padding", "zeros")
    power = librosa.feature.melspectrogram(
        y=samples, sr=case["sampleRate"], n_fft=case["nFft"], hop_length=case["hopLength"], win_length=case.get("winLength"),
        n_mels=case["nMels"], fmin=case["fMin"], fmax=case["fMax"], htk=case.get("scale") == "htk",
        norm=None if case.get("norm") == "none" else "slaney", center=padding != "none",
        pad_mode="reflect" if padding == "reflect" else "constant",
    )
    ref = np.max if case["ref"] == "max" else case["ref"]
    db = librosa.power_to_db(power, ref=ref, top_db=case["topDb"])
    cells = (lcg(48, seed) * db.size).astype(int)
    return {
        "options": {k: v for k, v in case.items() if k != "length"}, "length": case["length"], "seed": seed, "shape": list(db.shape),
        "mean": float(db.mean()), "min": float(db.min()), "cells": [[int(c), round(float(db.flat[c]), 6)] for c in cells],
    }


MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def resized(channels, size, to, seed):
    (width, height), (out_width, out_height) = size, to
    pixels = (lcg(width * height * channels, seed) * 256).astype(np.uint8)
    shape = (height, width) if channels == 1 else (height, width, channels)
    image = Image.fromarray(pixels.reshape(shape), MODES[channels]).resize((out_width, out_height), Image.BILINEAR)
    return {"channels": channels, "from": size, "to": to, "seed": seed, "sha256": hashlib.sha256(image.tobytes()).hexdigest()}


SIZES = [([313, 128], [224, 224]), ([7, 5], [29, 31]), ([64, 64], [64, 10]), ([33, 17], [5, 17]), ([1, 1], [3, 4]), ([50, 3], [1, 1])]

json.dump(
    {
        "versions": {"librosa": librosa.__version__, "numpy": np.__version__, "pillow": PIL.__version__},
        "logMel": [log_mel(case, 11 + i) for i, case in enumerate(CASES)],
        "resize": [resized(c, size, to, 100 + 10 * c + i) for c in MODES for i, (size, to) in enumerate(SIZES)],
    },
    sys.stdout, separators=(",", ":"),
)
print()
