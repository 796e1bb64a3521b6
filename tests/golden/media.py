"""Golden files of src/io/wav and src/io/png, written by libsndfile and pypng, with the values they hold. Writes media.json beside itself.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python media.py
"""
import base64
import io
import json
import pathlib

import numpy as np
import png
import soundfile


def wav(container, subtype, channels):
    rng = np.random.default_rng(channels)
    data = rng.uniform(-1, 1, (5, channels))
    out = io.BytesIO()
    soundfile.write(out, data, 22050, subtype=subtype, format=container)
    out.seek(0)
    read, rate = soundfile.read(out, dtype="float64", always_2d=True)
    return {
        "name": f"{container} {subtype}, {channels} channels",
        "file": base64.b64encode(out.getvalue()).decode(),
        "sampleRate": rate,
        "channels": read.T.tolist(),
    }


def picture(name, pixels, channels, values, **options):
    """pixels as stored, rows of interleaved samples; values as a reader should give them."""
    height, width = pixels.shape[0], pixels.shape[1] // (options.pop("planes", channels))
    cases = []
    for interlace in (False, True):
        out = io.BytesIO()
        png.Writer(width, height, interlace=interlace, **options).write(out, pixels.tolist())
        cases.append(
            {
                "name": f"{name}{', interlaced' if interlace else ''}",
                "file": base64.b64encode(out.getvalue()).decode(),
                "width": width,
                "height": height,
                "channels": channels,
                "values": np.asarray(values).ravel().tolist(),
            }
        )
    return cases


rng = np.random.default_rng(5)
pictures = []
for bits in (1, 2, 4, 8, 16):
    grey = rng.integers(0, 2**bits, (9, 11))
    full = grey * (255 // (2**bits - 1)) if bits < 8 else grey
    pictures += picture(f"grey, {bits} bits", grey, 1, full, greyscale=True, bitdepth=bits)
    key = int(grey[0, 0])
    alpha = np.where(grey == key, 0, 2 ** max(bits, 8) - 1)
    pictures += picture(f"grey, {bits} bits, one transparent", grey, 2, np.stack([full, alpha], -1), planes=1, greyscale=True, bitdepth=bits, transparent=key)
for bits in (1, 2, 4, 8):
    colors = [tuple(int(c) for c in rng.integers(0, 256, 3)) for _ in range(2**bits)]
    indices = rng.integers(0, 2**bits, (7, 13))
    pictures += picture(f"palette, {bits} bits", indices, 3, np.array(colors)[indices], planes=1, palette=colors, bitdepth=bits)
    with_alpha = [(*color, int(rng.integers(0, 256)) if i % 2 == 0 else 255) for i, color in enumerate(colors)]
    with_alpha.sort(key=lambda color: color[3] == 255)
    pictures += picture(f"palette with alpha, {bits} bits", indices, 4, np.array(with_alpha)[indices], planes=1, palette=with_alpha, bitdepth=bits)
for bits in (8, 16):
    for name, planes, options in (("grey + alpha", 2, {"greyscale": True, "alpha": True}), ("RGB", 3, {"greyscale": False}), ("RGBA", 4, {"greyscale": False, "alpha": True})):
        samples = rng.integers(0, 2**bits, (5, 6 * planes))
        pictures += picture(f"{name}, {bits} bits", samples, planes, samples, bitdepth=bits, **options)

out = {
    "soundfile": f"{soundfile.__version__} ({soundfile.__libsndfile_version__})",
    "pypng": png.__version__,
    "recordings": [
        wav(container, subtype, channels)
        for container in ("WAV", "WAVEX", "RF64")
        for subtype in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
        for channels in (1, 3)
    ],
    "pictures": pictures,
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")).replace("},", "},\n") + "\n")
