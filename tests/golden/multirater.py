"""Golden values of src/metrics/multirater from SimpleITK, SciPy and statsmodels. Writes multirater.json beside itself."""
import importlib.metadata
import json
import pathlib

import numpy
import SimpleITK
from scipy import ndimage, optimize
from statsmodels.stats.inter_rater import fleiss_kappa

random = numpy.random.default_rng(8)
truth = ndimage.gaussian_filter(random.normal(size=(16, 20)), 2.5) > 0.03
raters = [truth ^ (random.random(truth.shape) < rate) for rate in (0.03, 0.08, 0.15, 0.2)]
filter = SimpleITK.STAPLEImageFilter()
filter.SetForegroundValue(1)
consensus = SimpleITK.GetArrayFromImage(filter.Execute([SimpleITK.GetImageFromArray(rater.astype("uint8")) for rater in raters]))
counts = numpy.stack([len(raters) - sum(raters).ravel(), sum(raters).ravel()], 1)
weights = random.random((5, 7)).round(3)
tall = random.random((6, 3)).round(3)


def assignment(table):
    rows, columns = optimize.linear_sum_assignment(table, maximize=True)
    return {"weights": table.tolist(), "total": table[rows, columns].sum()}


golden = {
    "versions": {name: importlib.metadata.version(name) for name in ("SimpleITK", "scipy", "statsmodels")},
    "raters": [rater.ravel().astype(int).tolist() for rater in raters],
    "staple": {
        "probabilities": consensus.ravel().round(9).tolist(),
        "sensitivity": list(filter.GetSensitivity()),
        "specificity": list(filter.GetSpecificity()),
    },
    "kappa": fleiss_kappa(counts),
    "assignments": [assignment(weights), assignment(tall)],
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden, default=float) + "\n")
