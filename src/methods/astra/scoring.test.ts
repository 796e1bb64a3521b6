import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot, seededRandom } from "../../core/index.js";
import type { CovarianceKind } from "../../stats/index.js";
import { astraConfig } from "./config.js";
import { fitNormalModel, scoreEmbedding } from "./scoring.js";

interface Case {
  kind: CovarianceKind;
  groups: number;
  variance: number;
  mahalanobis: number[];
  cosine: number[];
  combined: number[];
  threshold: number;
}
const { cases } = JSON.parse(readFileSync(join(packageRoot, "tests/golden/astra_scoring.json"), "utf8")) as {
  cases: Case[];
};
const dimensions = 8;
const { scoring } = astraConfig("paper");

function embeddings(n: number, state: number, groups: number): Float64Array[] {
  const draw = (): number => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return Array.from({ length: n }, (_, i) => {
    const row = Float64Array.from({ length: dimensions }, (_, j) => draw() * 0.4 + (j === i % groups ? 1 : 0));
    const norm = Math.hypot(...row);
    return row.map((value) => value / norm);
  });
}

describe("fitNormalModel and scoreEmbedding", () => {
  for (const { kind, groups, variance, ...expected } of cases) {
    it(`score as scikit-learn's parts do: ${kind}, ${groups} clusters, ${variance} of the variance`, () => {
      const model = fitNormalModel(
        embeddings(40, 5, groups),
        { ...scoring, covariance: kind, clusters: groups, pcaVariance: variance },
        seededRandom(1),
      );
      const scores = embeddings(6, 99, groups + 1).map((row) => scoreEmbedding(model, row));
      for (const name of ["mahalanobis", "cosine", "combined"] as const) {
        scores.forEach((score, i) => {
          const want = expected[name][i];
          assert.ok(
            Math.abs(score[name] - want) < 1e-6 * Math.max(1, Math.abs(want)),
            `${name} of probe ${i}: ${score[name]}, expected ${want}`,
          );
        });
      }
      assert.ok(Math.abs(model.threshold - expected.threshold) < 1e-6);
    });
  }

  it("calls about 5 % of its own training clips anomalous, and is the Mahalanobis z-score alone without cosine", () => {
    const rows = embeddings(200, 7, 3);
    const model = fitNormalModel(rows, { ...scoring, cosineWeight: 0 }, seededRandom(2));
    const scores = rows.map((row) => scoreEmbedding(model, row));
    const flagged = scores.filter((score) => score.combined >= model.threshold).length;
    assert.equal(flagged, 11);
    const { mean, deviation } = model.mahalanobisScale;
    assert.equal(scores[0].combined, (scores[0].mahalanobis - mean) / (deviation + 1e-8));
  });

  it("keeps K under `fixed`, lowers it under `safe`, and says what to do when clips are too few", () => {
    const ten = embeddings(10, 7, 2);
    assert.equal(fitNormalModel(ten, scoring, seededRandom(3)).gaussians.length, 5);
    assert.equal(fitNormalModel(ten, { ...scoring, clusterRule: "safe" }, seededRandom(3)).gaussians.length, 1);
    assert.throws(
      () => fitNormalModel(ten.slice(0, 4), scoring, seededRandom(3)),
      /at least 5 normal clips.*clusterRule "safe"/,
    );
  });
});
