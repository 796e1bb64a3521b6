"""Golden values of src/stats from SciPy. Writes statistics.json beside itself."""
import json
import pathlib

import numpy
import scipy
from scipy import stats

random = numpy.random.default_rng(5)
a = random.normal(0.82, 0.05, 30).round(3)
b = (a - random.normal(0.012, 0.03, 30)).round(3)
long_a = random.normal(0, 1, 80).round(1)
long_b = random.normal(0.3, 1, 80).round(1)
table = random.normal([0, 0.3, 0.35, 1.0], 1, (25, 4)).round(1)
replicates = numpy.sort(random.gamma(3, 1, 999))
jackknifed = random.gamma(3, 0.1, 40)


def bca(replicates, estimate, jackknifed, level=0.95):
    """The formulas of scipy.stats.bootstrap(method="BCa") on given replicates."""
    share = ((replicates < estimate).sum() + (replicates <= estimate).sum()) / (2 * len(replicates))
    z0 = stats.norm.ppf(share)
    pull = jackknifed.mean() - jackknifed
    acceleration = (pull**3).sum() / (6 * (pull**2).sum() ** 1.5)
    z = z0 + stats.norm.ppf([(1 - level) / 2, (1 + level) / 2])
    return numpy.percentile(replicates, 100 * stats.norm.cdf(z0 + z / (1 - acceleration * z))).tolist()


def exact_wilcoxon(first, second):
    """All sign patterns by SciPy's own permutation method would be 2**n; n is small here."""
    d = first - second
    d = d[d != 0]
    ranks = stats.rankdata(abs(d))
    sums = [sum(r for r, bit in zip(ranks, f"{pattern:0{len(d)}b}") if bit == "1") for pattern in range(2 ** len(d))]
    w = ranks[d > 0].sum()
    sums = numpy.array(sums)
    return min(1, 2 * min((sums <= w).mean(), (sums >= w).mean()))


distinct_a, distinct_b = random.normal(0, 1, 20), random.normal(0.5, 1, 20)
tied_a, tied_b = random.integers(0, 5, 12).astype(float), random.integers(0, 4, 12).astype(float)
friedman = stats.friedmanchisquare(*table.T)
golden = {
    "versions": {"numpy": numpy.__version__, "scipy": scipy.__version__},
    "normal": [[z, stats.norm.cdf(z), stats.norm.sf(z)] for z in (-9, -3.2, -1.96, -0.3, 0, 0.7, 2.99, 3.01, 6)],
    "normalQuantile": [[p, stats.norm.ppf(p)] for p in (1e-12, 0.001, 0.025, 0.4, 0.5, 0.8, 0.975, 0.9999999)],
    "t": [[t, df, stats.t.cdf(t, df)] for t in (-3, -0.5, 0, 1.2, 12) for df in (1, 4, 30)],
    "tQuantile": [[p, df, stats.t.ppf(p, df)] for p in (0.6, 0.975, 0.999, 0.05) for df in (1, 2, 9, 200)],
    "chiSquare": [[x, df, stats.chi2.sf(x, df)] for x in (0.1, 2, 7.5, 40) for df in (1, 3, 12)],
    "wilcoxon": [
        {"first": distinct_a.tolist(), "second": distinct_b.tolist(), "p": stats.wilcoxon(distinct_a, distinct_b, method="exact").pvalue},
        {"first": tied_a.tolist(), "second": tied_b.tolist(), "p": exact_wilcoxon(tied_a, tied_b)},
        {"first": long_a.tolist(), "second": long_b.tolist(),
         "p": stats.wilcoxon(long_a, long_b, method="approx", correction=False).pvalue},
    ],
    "friedman": {"table": table.tolist(), "statistic": friedman.statistic, "p": friedman.pvalue,
                 "meanRanks": stats.rankdata(-table, axis=1).mean(0).tolist()},
    "nemenyi": {str(alpha): [stats.studentized_range.ppf(1 - alpha, k, numpy.inf) / 2**0.5 for k in range(2, 21)] for alpha in (0.05, 0.1)},
    "holm": {"p": [0.01, 0.02, 0.03, 0.2], "adjusted": [0.04, 0.06, 0.06, 0.2]},
    "bca": {"replicates": replicates.tolist(), "estimate": 2.8, "jackknifed": jackknifed.tolist(), "limits": bca(replicates, 2.8, jackknifed)},
    "pair": {"first": a.tolist(), "second": b.tolist(),
             "percentile": list(stats.bootstrap((a - b,), numpy.mean, n_resamples=20000, method="percentile", rng=1).confidence_interval),
             "bca": list(stats.bootstrap((a - b,), numpy.mean, n_resamples=20000, method="BCa", rng=1).confidence_interval)},
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden, default=float) + "\n")
