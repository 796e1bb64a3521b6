"""Writes multivariate.json: PCA and covariance estimates of scikit-learn on rows any language can rebuild."""
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.covariance import OAS, EmpiricalCovariance, LedoitWolf
from sklearn.decomposition import PCA


def lcg(count, state=1):
    values = []
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state / 2**32 - 0.5)
    return np.array(values)


def rows(n, p, state):
    mixing = lcg(p * p, state + 1).reshape(p, p)
    return lcg(n * p, state).reshape(n, p) @ mixing * np.linspace(2, 0.1, p)


cases = []
for n, p, state in [(40, 6, 3), (7, 10, 5), (2, 4, 9), (200, 12, 11)]:
    x, probe = rows(n, p, state), lcg(p, 77)
    pca = PCA(n_components=0.98, svd_solver="full").fit(x)
    fits = {"lw": LedoitWolf(), "oas": OAS(), "empirical": EmpiricalCovariance()}
    case = {"n": n, "p": p, "state": state, "components": int(pca.n_components_),
            "explained": pca.explained_variance_ratio_.tolist(),
            "projection": np.abs(pca.transform(probe[None])[0]).tolist(), "covariance": {}}
    for kind, model in fits.items():
        model.fit(x)
        case["covariance"][kind] = {"shrinkage": float(getattr(model, "shrinkage_", 0)),
                                    "trace": float(np.trace(model.covariance_)), "first": float(model.covariance_[0, 1]),
                                    "distance": float(model.mahalanobis(probe[None])[0])}
    cases.append(case)

best = min(KMeans(4, n_init=50, random_state=s).fit(rows(200, 12, 11)).inertia_ for s in range(4))
out = {"made_with": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}", "cases": cases, "kmeans": {"k": 4, "best_inertia": float(best)}}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
