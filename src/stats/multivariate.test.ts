import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { packageRoot, seededRandom } from "../core/index.js";
import { withinShare } from "../core/near.fixture.js";
import { covarianceKinds, fitGaussian, mahalanobisSquared, pseudoInverse } from "./covariance.js";
import { kMeans, squaredDistance } from "./kmeans.js";
import { fitPca, project, residualEnergy } from "./pca.js";

interface Golden {
  cases: {
    n: number;
    p: number;
    state: number;
    components: number;
    explained: number[];
    projection: number[];
    covariance: Record<"lw" | "oas" | "empirical", { shrinkage: number; trace: number; first: number; distance: number }>;
  }[];
  kmeans: { k: number; best_inertia: number };
}
const golden = JSON.parse(readFileSync(join(packageRoot, "tests/golden/multivariate.json"), "utf8")) as Golden;

function lcg(count: number, state: number): number[] {
  return Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

function rows(n: number, p: number, state: number): Float64Array[] {
  const x = lcg(n * p, state);
  const mixing = lcg(p * p, state + 1);
  const scale = (j: number): number => 2 + ((0.1 - 2) * j) / (p - 1);
  return Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: p }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < p; k++) sum += x[i * p + k] * mixing[k * p + j];
      return sum * scale(j);
    }),
  );
}

const near = withinShare(1e-9);

const matrix = (...values: number[][]): Float64Array[] => values.map((row) => Float64Array.from(row));

describe("fitPca", () => {
  for (const { n, p, state, ...expected } of golden.cases) {
    it(`keeps what scikit-learn keeps of ${n} rows × ${p}`, () => {
      const pca = fitPca(rows(n, p, state), { variance: 0.98 });
      assert.equal(pca.components.length, expected.components);
      expected.explained.forEach((share, k) => near(pca.explained[k], share, `share ${k}`));
      const probe = project(pca, Float64Array.from(lcg(p, 77)));
      expected.projection.forEach((value, k) => near(Math.abs(probe[k]), value, `coordinate ${k}`));
    });
  }

  it("keeps all directions at variance 1, one for a cloud without spread, and splits every distance into seen and unseen", () => {
    const cloud = rows(40, 6, 3);
    assert.equal(fitPca(cloud).components.length, 6);
    const point = fitPca(matrix([1, 2], [1, 2], [1, 2]), { variance: 0.98 });
    assert.deepEqual([...project(point, Float64Array.of(1, 2))].map(Math.abs), [0]);
    const pca = fitPca(cloud, { variance: 0.5 });
    const probe = Float64Array.from(lcg(6, 77));
    const seen = project(pca, probe).reduce((sum, value) => sum + value ** 2, 0);
    near(seen + residualEnergy(pca, probe), squaredDistance(probe, pca.mean), "Pythagoras");
  });

  it("refuses an empty cloud and rows of different length", () => {
    assert.throws(() => fitPca([]), /at least one row/);
    assert.throws(() => fitPca(matrix([1, 2], [1])), /expected shape \[2\] but got \[1\]/);
  });
});

describe("fitGaussian", () => {
  it("gives the worked values of five points in the plane", () => {
    const x = matrix([1, 2], [3, 1], [4, 6], [7, 5], [5, 9]);
    const probe = Float64Array.of(6, 2);
    const distances = { lw: 2.3875763495, oas: 1.7581699346, empirical: 4.4560747664 };
    for (const kind of ["lw", "oas", "empirical"] as const)
      near(mahalanobisSquared(probe, fitGaussian(x, kind)), distances[kind], kind, 1e-10);
    near(fitGaussian(x, "lw").shrinkage, 0.5113215069, "Ledoit–Wolf shrinkage", 1e-10);
    assert.equal(fitGaussian(x, "oas").shrinkage, 1);
    [4, 3.4, 3.4, 8.24].forEach((value, at) => near(fitGaussian(x, "empirical").covariance[at], value, `S${at}`, 1e-14));
    near(mahalanobisSquared(probe, fitGaussian(x, "diag")), 4 / (4 + 1e-8) + 2.6 ** 2 / (8.24 + 1e-8), "diag", 1e-12);
  });

  for (const { n, p, state, covariance } of golden.cases) {
    for (const kind of ["lw", "oas", "empirical"] as const) {
      it(`agrees with scikit-learn's ${kind} on ${n} rows × ${p}`, () => {
        const fit = fitGaussian(rows(n, p, state), kind);
        const expected = covariance[kind];
        near(fit.shrinkage, expected.shrinkage, "shrinkage");
        near(
          fit.covariance.filter((_, at) => at % (p + 1) === 0).reduce((a, b) => a + b),
          expected.trace,
          "trace",
        );
        near(fit.covariance[1], expected.first, "covariance[0, 1]");
        near(mahalanobisSquared(Float64Array.from(lcg(p, 77)), fit), expected.distance, "distance", 1e-7);
      });
    }
  }

  it("measures nothing where equal rows give no direction, for the three pseudo-inverted kinds", () => {
    for (const kind of ["lw", "oas", "empirical"] as const)
      assert.equal(mahalanobisSquared(Float64Array.of(9, 9), fitGaussian(matrix([1, 2], [1, 2]), kind)), 0);
    assert.ok(mahalanobisSquared(Float64Array.of(9, 9), fitGaussian(matrix([1, 2], [1, 2]), "diag")) > 1e9);
  });

  it("never gives a negative distance or a shrinkage outside [0, 1], and pseudo-inverts a singular matrix", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 1, max: 1e6 }),
        (n, p, state) => {
          for (const kind of covarianceKinds) {
            const fit = fitGaussian(rows(n, p, state), kind);
            assert.ok(mahalanobisSquared(Float64Array.from(lcg(p, 77)), fit) >= 0);
            assert.ok(fit.shrinkage >= 0 && fit.shrinkage <= 1);
          }
        },
      ),
    );
    const singular = Float64Array.of(2, 2, 2, 2);
    assert.deepEqual(
      [...pseudoInverse(singular, 2)].map((value) => Number(value.toFixed(12))),
      [0.125, 0.125, 0.125, 0.125],
    );
  });
});

describe("kMeans", () => {
  const cloud = rows(200, 12, 11);

  it("finds clusters that are there, whatever their numbers", () => {
    const random = seededRandom(1);
    const blobs = Array.from({ length: 90 }, (_, i) =>
      Float64Array.of((i % 3) * 10 + random.normal(), (i % 3 === 1 ? 10 : 0) + random.normal()),
    );
    const { labels, inertia } = kMeans(blobs, 3, seededRandom(2));
    for (let i = 0; i < 90; i++) assert.equal(labels[i], labels[i % 3]);
    assert.equal(new Set(labels).size, 3);
    assert.ok(inertia < 90 * 2 * 1.5);
  });

  it("comes within 15 % of the best of scikit-learn's 200 starts, and is the same for the same seed", () => {
    const runs = Array.from({ length: 10 }, (_, seed) => kMeans(cloud, 4, seededRandom(seed)).inertia);
    assert.ok(Math.min(...runs) >= golden.kmeans.best_inertia * (1 - 1e-9));
    assert.ok(
      Math.max(...runs) <= golden.kmeans.best_inertia * 1.15,
      `worst ${Math.max(...runs)} of best ${golden.kmeans.best_inertia}`,
    );
    assert.deepEqual(kMeans(cloud, 4, seededRandom(3)), kMeans(cloud, 4, seededRandom(3)));
  });

  it("ends at a fixed point: each centre is the mean of its rows, each row with its nearest centre", () => {
    const { centres, labels } = kMeans(cloud, 5, seededRandom(4), { tolerance: 0 });
    cloud.forEach((row, i) =>
      assert.ok(centres.every((centre) => squaredDistance(row, centre) >= squaredDistance(row, centres[labels[i]]) - 1e-12)),
    );
    centres.forEach((centre, c) => {
      const members = cloud.filter((_, i) => labels[i] === c);
      near(centre[0], members.reduce((sum, row) => sum + row[0], 0) / members.length, `centre ${c}`);
    });
  });

  it("survives fewer distinct rows than clusters, and refuses fewer rows", () => {
    const { inertia } = kMeans(matrix([1], [1], [1], [2]), 3, seededRandom(1));
    assert.equal(inertia, 0);
    assert.throws(() => kMeans(matrix([1], [2]), 3, seededRandom(1)), /from 1 to the 2 rows, but got 3/);
  });
});
