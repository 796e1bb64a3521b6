"""MONAI's values for the masks of segmentation.json, and its FROC. Writes monai_metrics.json beside itself.

Needs MONAI 1.3.2, which runs on Debian's python3-torch 1.13 (a virtual environment with --system-site-packages).
"""
import base64
import importlib.metadata
import json
import pathlib

import numpy
import torch
from monai import metrics

here = pathlib.Path(__file__).parent


def unpack(packed, shape):
    bits = numpy.unpackbits(numpy.frombuffer(base64.b64decode(packed), "u1"))[: numpy.prod(shape)]
    return torch.from_numpy(bits.reshape(shape).astype("f4"))[None, None]


def case(name, shape, spacing, prediction, truth, **_):
    p, t = unpack(prediction, shape), unpack(truth, shape)
    surface = {"include_background": True, "spacing": spacing}
    return {
        "name": name,
        "dice": metrics.compute_dice(p, t, include_background=True).item(),
        "iou": metrics.compute_iou(p, t, include_background=True).item(),
        "hd": metrics.compute_hausdorff_distance(p, t, **surface).item(),
        "hd95": metrics.compute_hausdorff_distance(p, t, percentile=95, **surface).item(),
        "assd": metrics.compute_average_surface_distance(p, t, symmetric=True, **surface).item(),
        "nsd": {str(mm): metrics.compute_surface_dice(p, t, [mm], **surface).item() for mm in (0.5, 1, 2, 3.7)},
    }


def froc():
    """Twelve images with up to four lesions; each lesion has several hits, and there are many false findings."""
    random = numpy.random.default_rng(11)
    images, false, true, targets = [], [], [], 0
    for index in range(12):
        lesions = int(random.integers(0, 5))
        detections = [{"score": round(float(s), 2), "lesion": None} for s in random.random(random.integers(0, 25)) * 0.9]
        for lesion in range(lesions):
            detections += [{"score": round(float(s), 2), "lesion": lesion} for s in random.random(random.integers(0, 4)) * 0.6 + 0.4]
        images.append({"case": f"image-{index}", "lesions": lesions, "detections": detections})
        false += [d["score"] for d in detections if d["lesion"] is None]
        hits = [[d["score"] for d in detections if d["lesion"] == lesion] for lesion in range(lesions)]
        true += [max(scores, default=0) for scores in hits]
        targets += lesions
    rates, sensitivity = metrics.compute_froc_curve_data(numpy.array(false), numpy.array(true), targets, len(images))
    scores = {name: float(metrics.compute_froc_score(rates, sensitivity, at))
              for name, at in {"luna16": (0.125, 0.25, 0.5, 1, 2, 4, 8), "camelyon16": (0.25, 0.5, 1, 2, 4, 8)}.items()}
    return {"images": images, "scores": scores, "rates": rates.tolist(), "sensitivity": sensitivity.tolist()}


golden = {
    "versions": {"monai": importlib.metadata.version("monai"), "torch": torch.__version__},
    "cases": [case(**c) for c in json.loads((here / "segmentation.json").read_text())["cases"]],
    "froc": froc(),
}
(here / "monai_metrics.json").write_text(json.dumps(golden) + "\n")
