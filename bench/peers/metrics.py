"""The peers of bench/metrics.mjs: answers {"task": …} lines with {"seconds": …, "cpu": …, "value": …} lines."""
import glob
import importlib
import json
import os
import sys
import time

import numpy

numpy.Inf = numpy.inf  # surface-distance 0.1 predates NumPy 2
folder = sys.argv[1]


def load(name, dtype):
    return numpy.fromfile(os.path.join(folder, name), dtype)


def sklearn_auc():
    from sklearn.metrics import roc_auc_score
    scores, labels = load("scores.f64", "f8"), load("labels.u8", "u1")
    return lambda: [roc_auc_score(labels, scores), roc_auc_score(labels, scores, max_fpr=0.1)]


def sklearn_bootstrap():
    """200 resamples; the bench multiplies by ten."""
    from sklearn.metrics import roc_auc_score
    scores, labels = load("scores.f64", "f8")[:10000], load("labels.u8", "u1")[:10000]

    def run():
        random = numpy.random.default_rng(0)
        values = []
        for _ in range(200):
            rows = random.integers(0, len(scores), len(scores))
            values.append(roc_auc_score(labels[rows], scores[rows]))
        return numpy.percentile(values, [2.5, 97.5]).tolist()

    return run


def masks():
    shape = (155, 240, 240)
    return load("prediction.u8", "u1").reshape(shape) > 0, load("truth.u8", "u1").reshape(shape) > 0


def surface_distance_all():
    from scipy import ndimage
    ndimage.filters = ndimage.morphology = ndimage
    import surface_distance as sd
    prediction, truth = masks()

    def run():
        surfaces = sd.compute_surface_distances(truth, prediction, (1, 1, 1))
        sd.compute_average_surface_distance(surfaces)
        return [sd.compute_robust_hausdorff(surfaces, 95), sd.compute_surface_dice_at_tolerance(surfaces, 2)]

    return run


def medpy_distances():
    from medpy.metric import binary
    prediction, truth = masks()
    return lambda: [binary.hd95(prediction, truth), binary.assd(prediction, truth)]


def monai_distances():
    import torch
    from monai import metrics
    prediction, truth = (torch.from_numpy(mask)[None, None] for mask in masks())

    def run():
        return [
            float(metrics.compute_hausdorff_distance(prediction, truth, include_background=True, percentile=95)),
            float(metrics.compute_average_surface_distance(prediction, truth, include_background=True, symmetric=True)),
            float(metrics.compute_surface_dice(prediction, truth, [2], include_background=True)),
        ]

    return run


def nibabel_dice():
    import nibabel

    def run():
        values = []
        for path in sorted(glob.glob(os.path.join(folder, "cases", "truth", "*.nii.gz"))):
            truth = numpy.asanyarray(nibabel.load(path).dataobj) > 0
            prediction = numpy.asanyarray(nibabel.load(path.replace("truth", "prediction")).dataobj) > 0
            values.append(2 * (truth & prediction).sum() / (truth.sum() + prediction.sum()))
        return [float(numpy.mean(values))]

    return run


tasks = {task.__name__: task for task in (sklearn_auc, sklearn_bootstrap, surface_distance_all, medpy_distances, monai_distances, nibabel_dice)}
packages = {"sklearn_auc": "sklearn", "sklearn_bootstrap": "sklearn", "surface_distance_all": "surface_distance", "medpy_distances": "medpy",
            "monai_distances": "monai", "nibabel_dice": "nibabel"}
ready = {}
for line in sys.stdin:
    name = json.loads(line)["task"]
    try:
        importlib.import_module(packages[name])
        run = ready.setdefault(name, None) or tasks[name]()
        ready[name] = run
        started, cpu = time.perf_counter(), time.process_time()
        value = run()
        answer = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu, "value": value}
    except ImportError as error:
        answer = {"missing": str(error)}
    print(json.dumps(answer, default=float), flush=True)
