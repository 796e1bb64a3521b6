"""librosa and Pillow on the work of bench/signal.mjs: reads it as JSON on stdin, prints medians in ms and differences in dB."""
import json
import sys
import time

import librosa
import numpy as np
import PIL
from PIL import Image

work = json.load(sys.stdin)
samples = np.array(work["samples"], np.float32)
table = np.random.default_rng(0).integers(0, 256, (256, 3), np.uint8)


def log_mel(setting):
    power = librosa.feature.melspectrogram(
        y=samples, sr=setting["sampleRate"], n_fft=setting["nFft"], hop_length=setting["hopLength"],
        n_mels=setting["nMels"], fmin=setting["fMin"], fmax=setting["fMax"],
    )
    return librosa.power_to_db(power, ref=np.max, top_db=setting["topDb"])


def picture():
    db = log_mel(work["settings"][0])
    grey = (255 * (db - db.min()) / (db.max() - db.min() + 1e-6)).astype(np.uint8)
    return np.asarray(Image.fromarray(table[grey]).resize((224, 224), Image.BILINEAR))


def median(run):
    run()
    times = []
    for _ in range(work["repeats"]):
        started = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - started))
    return sorted(times)[len(times) // 2]


pairs = zip(work["settings"], work["spectrograms"])
print(json.dumps({
    "medians": [median(lambda s=s: log_mel(s)) for s in work["settings"]] + [median(picture)],
    "differences": [float(np.abs(log_mel(s).ravel() - np.array(ours)).max()) for s, ours in pairs],
    "versions": f"librosa {librosa.__version__}, Pillow {PIL.__version__}",
}))
