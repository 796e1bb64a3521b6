"""Golden values of src/metrics/detection from scikit-learn, NumPy and SciPy. Writes detection.json beside itself.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python detection.py
"""
import json
import pathlib

import numpy
import scipy
import scipy.stats
import sklearn
from sklearn import metrics


def case(name, scores, labels, threshold):
    scores, labels = numpy.asarray(scores, float), numpy.asarray(labels, int)
    fpr, tpr, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False)
    corner_fpr, corner_tpr, _ = metrics.roc_curve(labels, scores, drop_intermediate=True)
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    decided = scores >= threshold
    probabilities = (scores - scores.min()) / (scores.max() - scores.min())
    return {
        "name": name,
        "scores": scores.tolist(),
        "labels": labels.tolist(),
        "threshold": threshold,
        "auc": metrics.roc_auc_score(labels, scores),
        "pauc": {str(p): metrics.roc_auc_score(labels, scores, max_fpr=p) for p in (0.05, 0.1, 0.25, 0.5, 1)},
        "ap": metrics.average_precision_score(labels, scores),
        "auprc": metrics.auc(recall, precision),
        "roc": {"fpr": fpr.tolist(), "tpr": tpr.tolist(), "thresholds": thresholds[1:].tolist()},
        "corners": {"fpr": corner_fpr.tolist(), "tpr": corner_tpr.tolist()},
        "accuracy": metrics.accuracy_score(labels, decided),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, decided),
        "f1": metrics.f1_score(labels, decided, zero_division=0),
        "precision": metrics.precision_score(labels, decided, zero_division=0),
        "recall": metrics.recall_score(labels, decided, zero_division=0),
        "brier": metrics.brier_score_loss(labels, probabilities),
        "delong": brute_delong(scores[labels == 1], scores[labels == 0]),
    }


def brute_delong(positives, negatives):
    """DeLong, DeLong & Clarke-Pearson 1988, equation by equation, O(n1 n0)."""
    psi = (positives[:, None] > negatives[None]) + 0.5 * (positives[:, None] == negatives[None])
    v10, v01 = psi.mean(1), psi.mean(0)
    variance = v10.var(ddof=1) / len(positives) + v01.var(ddof=1) / len(negatives)
    half = scipy.stats.norm.ppf(0.975) * variance**0.5
    return {"variance": variance, "low": max(0, psi.mean() - half), "high": min(1, psi.mean() + half)}


def brute_delong_pair(labels, first, second):
    def placements(scores):
        positives, negatives = scores[labels == 1], scores[labels == 0]
        psi = (positives[:, None] > negatives[None]) + 0.5 * (positives[:, None] == negatives[None])
        return psi.mean(), psi.mean(1), psi.mean(0)

    (a, a10, a01), (b, b10, b01) = placements(first), placements(second)
    variance = numpy.var(a10 - b10, ddof=1) / len(a10) + numpy.var(a01 - b01, ddof=1) / len(a01)
    z = (a - b) / variance**0.5
    return {"difference": a - b, "z": z, "p": 2 * scipy.stats.norm.sf(abs(z))}


random = numpy.random.default_rng(11)
labels = (random.random(60) < 0.4).astype(int)
smooth = random.normal(labels * 0.9, 1)
rounded = random.normal(labels * 0.7, 1).round(0) / 4
large_labels = (random.random(300) < 0.1).astype(int)
cases = [
    case("60 without ties", smooth, labels, 0.6),
    case("60 with many ties", rounded, labels, 0.25),
    case("300, one positive in ten", random.normal(large_labels * 1.5, 1).round(2), large_labels, 1.2),
    case("nothing called positive", [0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1], 9),
]
quantiles = [
    {"values": list(range(first, last + 1)), "q": q, "method": method,
     "result": float(numpy.quantile(numpy.arange(first, last + 1), q, method=method))}
    for first, last, q in [(1, 10, 0.95), (0, 30, 0.95), (0, 30, 0.37), (1, 10, 0.99)]
    for method in ("nearest", "linear")
]
golden = {
    "versions": {"numpy": numpy.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
    "cases": cases,
    "pair": {"labels": labels.tolist(), "first": smooth.tolist(), "second": rounded.tolist(), **brute_delong_pair(labels, smooth, rounded)},
    "quantiles": quantiles,
}
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps(golden) + "\n")
