"""Golden values of src/metrics/salience from PySODMetrics. Writes salience.json beside itself."""
import importlib.metadata
import json
import pathlib

import numpy
import py_sod_metrics
from scipy import ndimage

random = numpy.random.default_rng(6)


def case(name, truth):
    soft = ndimage.gaussian_filter(truth.astype(float) + random.normal(0, 0.3, truth.shape), 1.2)
    prediction = (255 * numpy.clip(soft, 0, 1)).round().astype("uint8")
    measures = {"sm": py_sod_metrics.Smeasure(), "em": py_sod_metrics.Emeasure(), "wfm": py_sod_metrics.WeightedFmeasure()}
    for measure in measures.values():
        measure.step(pred=prediction / 255, gt=truth, normalize=False)
    return {"name": name, "shape": truth.shape, "prediction": prediction.ravel().tolist(), "truth": truth.ravel().astype(int).tolist(),
            "sm": measures["sm"].get_results()["sm"], "wfm": measures["wfm"].get_results()["wfm"],
            "em": measures["em"].get_results()["em"]["curve"].tolist()}


disc = numpy.hypot(*numpy.meshgrid(numpy.arange(-9.3, 11), numpy.arange(-8.1, 9))) < 5.2
band = numpy.zeros((14, 16), bool)
band[:, 9:] = True
golden = {
    "versions": {"pysodmetrics": importlib.metadata.version("pysodmetrics")},
    "cases": [case("disc", disc), case("half plane", band), case("empty", numpy.zeros((7, 8), bool)), case("full", numpy.ones((7, 8), bool))],
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden, default=float) + "\n")
