"""Golden values of src/metrics/reconstruction and src/metrics/text. Writes images_and_text.json beside itself."""
import importlib.metadata
import json
import pathlib

import numpy
from nltk.translate.bleu_score import sentence_bleu
from rouge_score import rouge_scorer
from skimage import metrics

random = numpy.random.default_rng(4)
truth = random.random((13, 19)).round(4)
image = (truth + random.normal(0, 0.1, truth.shape)).round(4)
steps = (8 * numpy.arange(8)[:, None] + numpy.arange(8)) / 63
sentences = [
    ("the tumour is located in the top left area .", "the tumour is located in the top right area ."),
    ("the tumour is in the top left area .", "the tumour is located in the top right area ."),
    ("a lesion near the centre of the image , close to the edge .", "the lesion lies near the centre of the image ."),
    ("one two three", "four five six seven"),
]
scorer = rouge_scorer.RougeScorer(["rouge1", "rougeL"])


def text(hypothesis, reference):
    rouge = scorer.score(reference, hypothesis)
    return {"hypothesis": hypothesis, "reference": reference, "bleu": sentence_bleu([reference.split()], hypothesis.split()),
            "rouge1": rouge["rouge1"].fmeasure, "rougeL": rouge["rougeL"].fmeasure}


golden = {
    "versions": {name: importlib.metadata.version(name) for name in ("scikit-image", "nltk", "rouge-score")},
    "shape": truth.shape, "truth": truth.ravel().tolist(), "image": image.ravel().tolist(),
    "ssim": metrics.structural_similarity(truth, image, data_range=1),
    "ssimRange": metrics.structural_similarity(truth, image, data_range=truth.max() - truth.min()),
    "psnr": metrics.peak_signal_noise_ratio(truth, image, data_range=1),
    "nmse": metrics.normalized_root_mse(truth, image) ** 2,
    "transposed": metrics.structural_similarity(steps, steps.T, data_range=1),
    "text": [text(*pair) for pair in sentences],
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden, default=float) + "\n")
