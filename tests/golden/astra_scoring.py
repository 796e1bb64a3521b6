"""Writes astra_scoring.json: the scores of eval_joint.py's recipe (PCA, K-means, covariance, z-scores) by scikit-learn."""
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.covariance import OAS, EmpiricalCovariance, LedoitWolf
from sklearn.decomposition import PCA

DIMENSIONS = 8


def lcg(count, state):
    values = []
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state / 2**32 - 0.5)
    return np.array(values)


def embeddings(n, state, groups):
    noise = lcg(n * DIMENSIONS, state).reshape(n, DIMENSIONS) * 0.4
    centre = np.eye(DIMENSIONS)[np.arange(n) % groups]
    z = noise + centre
    return z / np.linalg.norm(z, axis=1, keepdims=True)


def fit(kind, members):
    if kind == "diag":
        return members.mean(0), np.diag(1 / (members.var(0) + 1e-8))
    model = {"lw": LedoitWolf, "oas": OAS, "empirical": EmpiricalCovariance}[kind]().fit(members)
    return model.location_, model.precision_


def run(kind, groups, variance):
    train, probes = embeddings(40, 5, groups), embeddings(6, 99, groups + 1)
    pca = PCA(n_components=variance, svd_solver="full").fit(train)
    x = pca.transform(train)
    labels = KMeans(groups, n_init=10, random_state=42).fit_predict(x)
    clusters = [fit(kind, x[labels == k]) for k in range(groups)]
    units = [train[labels == k].mean(0) for k in range(groups)]
    units = [u / (np.linalg.norm(u) + 1e-8) for u in units]

    def raw(z):
        y = pca.transform(z)
        m = np.min([np.einsum("ij,jk,ik->i", y - mu, p, y - mu) for mu, p in clusters], axis=0)
        c = np.min([1 - np.clip(z @ u, -1, 1) for u in units], axis=0)
        return m, c

    m, c = raw(train)

    def combine(z):
        a, b = raw(z)
        return 0.7 * (a - m.mean()) / (m.std() + 2e-8) + 0.3 * (b - c.mean()) / (c.std() + 2e-8)

    a, b = raw(probes)
    return {"kind": kind, "groups": groups, "variance": variance, "mahalanobis": a.tolist(), "cosine": b.tolist(),
            "combined": combine(probes).tolist(), "threshold": float(np.quantile(combine(train), 0.95, method="nearest"))}


cases = [run(kind, groups, variance) for kind in ["lw", "oas", "empirical", "diag"] for groups, variance in [(1, 0.98), (2, 0.7)]]
out = {"made_with": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}", "cases": cases}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
