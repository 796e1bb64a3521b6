import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { packageRoot, ShapeMismatch } from "../../core/index.js";
import {
  assign,
  diceAtThresholds,
  diceMatch,
  diceMax,
  dicePersonal,
  diceSoft,
  fleissKappa,
  fleissKappaOfCounts,
  ged,
  pairwiseAgreement,
  staple,
} from "../index.js";
import { within } from "../../core/near.fixture.js";

interface Golden {
  versions: Record<string, string>;
  raters: number[][];
  staple: { probabilities: number[]; sensitivity: number[]; specificity: number[] };
  kappa: number;
  assignments: { weights: number[][]; total: number }[];
}
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "multirater.json"), "utf8")) as Golden;

const near = within(1e-6);

// Masks of the published AESPA metric code's test cases, 2×3; its 1e-7 in the denominators sets the tolerance.
const A = [1, 0, 0, 0, 0, 0];
const B = [1, 1, 1, 0, 0, 0];
const P = [1, 1, 0, 0, 0, 0];
const E = [0, 0, 0, 0, 0, 0];

describe("agrees with AESPA's metric code (whose GED has the opposite sign)", () => {
  it("one sample, two raters", () => {
    near(ged([P], [A, B], { distance: "1-dice" }), 0.2833333);
    near(diceMax([P], [A, B]), 0.7333333);
    near(diceMatch([P], [A, B]), 0.4);
    near(diceSoft(P, [A, B]), 0.75);
    near(dicePersonal(P, [A, B]), 0.7333333);
  });

  it("an empty rater and an empty sample count as masks", () => {
    near(ged([P], [A, B, E], { distance: "1-dice" }), 0.4666666);
    near(diceMax([P], [A, B, E]), 0.4888889);
    near(diceMatch([P], [A, B, E]), 0.2666667);
    near(ged([P, E], [A, B, E], { distance: "1-dice" }), 0.1222222);
    near(diceMax([P, E], [A, B, E]), 0.8222222);
    near(diceMax([P, E], [A, B, E], { symmetric: true }), 0.8611111);
    near(diceMatch([P, E], [A, B, E]), 0.6);
    near(diceMatch([P, E], [A, B, E], { divisor: "larger" }), 0.6);
    near(diceMatch([P, E], [A, B, E], { divisor: "smaller" }), 0.9);
  });
});

describe("agrees with the reference libraries", () => {
  it(`assignment as SciPy ${golden.versions.scipy}`, () => {
    assert.deepEqual(
      assign([
        [0.9, 0.8],
        [0.8, 0.1],
      ]),
      [1, 0],
    );
    for (const { weights, total } of golden.assignments) {
      const columns = assign(weights);
      near(
        columns.reduce((sum, column, row) => (column < 0 ? sum : sum + weights[row][column]), 0),
        total,
        1e-12,
      );
      const used = columns.filter((column) => column >= 0);
      assert.equal(new Set(used).size, Math.min(weights.length, weights[0].length));
    }
    assert.throws(() => assign([[1], [1, 2]]), /rectangular/);
  });

  it(`Fleiss' κ as statsmodels ${golden.versions.statsmodels}, and Fleiss' own kind of table`, () => {
    near(fleissKappa(golden.raters), golden.kappa, 1e-12);
    const table = [
      [0, 0, 0, 0, 14],
      [0, 2, 6, 4, 2],
      [0, 0, 3, 5, 6],
      [0, 3, 9, 2, 0],
      [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0],
      [3, 2, 6, 3, 0],
      [2, 5, 3, 2, 2],
      [6, 5, 2, 1, 0],
      [0, 2, 2, 3, 7],
    ];
    near(fleissKappaOfCounts(table), 0.2099, 1e-4);
    assert.deepEqual(fleissKappa([A]), { excluded: "one-rater" });
    assert.deepEqual(fleissKappa([E, E]), { excluded: "one-category" });
    assert.throws(
      () =>
        fleissKappaOfCounts([
          [1, 2],
          [1, 1],
        ]),
      /sum to 3/,
    );
  });

  it(`STAPLE as SimpleITK ${golden.versions.SimpleITK}`, () => {
    const { probabilities, sensitivity, specificity, converged } = staple(golden.raters);
    assert.ok(converged);
    probabilities.forEach((p, i) => near(p, golden.staple.probabilities[i], 1e-5));
    sensitivity.forEach((rate, r) => near(rate, golden.staple.sensitivity[r], 1e-5));
    specificity.forEach((rate, r) => near(rate, golden.staple.specificity[r], 1e-5));
    assert.deepEqual([...staple([E, E]).probabilities], E);
    assert.throws(() => staple([A]), /2 to 30/);
  });
});

describe("small cases worked by hand", () => {
  it("GED: by default 1 − IoU with self-pairs", () => {
    near(
      ged(
        [[1, 0]],
        [
          [1, 0],
          [1, 1],
        ],
      ),
      0.25,
      1e-12,
    );
    near(
      ged(
        [
          [1, 0],
          [1, 1],
        ],
        [
          [1, 0],
          [1, 1],
        ],
      ),
      0,
      1e-12,
    );
    near(
      ged(
        [
          [1, 0],
          [1, 1],
        ],
        [
          [1, 0],
          [1, 1],
        ],
        { statistic: "u" },
      ),
      -0.5,
      1e-12,
    );
    assert.deepEqual(ged([P], [A, B], { statistic: "u" }), { excluded: "too-few-masks" });
    assert.throws(() => ged([[1]], [[1, 0]]), ShapeMismatch);
    assert.throws(() => ged([], [[1, 0]]), /at least one mask/);
  });

  it("agreement and thresholds", () => {
    near(
      pairwiseAgreement([
        [1, 1],
        [1, 0],
        [0, 0],
      ]),
      2 / 3 / 3,
      1e-12,
    );
    assert.deepEqual(pairwiseAgreement([A]), { excluded: "one-rater" });
    near(diceAtThresholds([0.2, 0.6, 0.8, 0.95], [[1, 0, 0, 0]]), (0.4 + 0 + 0 + 0 + 0) / 5, 1e-12);
    near(diceAtThresholds([0, 0], [[0, 0]]), 1, 1e-12);
    assert.throws(() => diceSoft([2, 0], [[1, 0]]), /sigmoid/);
  });
});

const sets = fc.tuple(
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 4 }),
  fc.array(fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), { minLength: 8, maxLength: 8 }),
);

describe("properties", () => {
  it("GED is symmetric, not negative as a V-statistic, and 0 for equal sets", () => {
    fc.assert(
      fc.property(sets, fc.constantFrom("1-iou" as const, "1-dice" as const), ([s, r, masks], distance) => {
        const [samples, raters] = [masks.slice(0, s), masks.slice(4, 4 + r)];
        const value = ged(samples, raters, { distance });
        assert.ok("score" in value && value.score > (distance === "1-iou" ? -1e-12 : -1));
        near(ged(raters, samples, { distance }), value.score, 1e-12);
        near(ged(samples, samples, { distance }), 0, 1e-12);
        const [match, max] = [diceMatch(samples, raters), diceMax(samples, raters)] as { score: number }[];
        assert.ok(match.score <= max.score + 1e-12);
      }),
    );
  });

  it("the assignment is the best of all permutations", () => {
    const tables = fc.array(fc.array(fc.integer({ min: -5, max: 9 }), { minLength: 3, maxLength: 3 }), {
      minLength: 3,
      maxLength: 3,
    });
    fc.assert(
      fc.property(tables, (table) => {
        const orders = [
          [0, 1, 2],
          [0, 2, 1],
          [1, 0, 2],
          [1, 2, 0],
          [2, 0, 1],
          [2, 1, 0],
        ];
        const total = (order: readonly number[]): number => order.reduce((sum, column, row) => sum + table[row][column], 0);
        assert.equal(total(assign(table)), Math.max(...orders.map(total)));
      }),
    );
  });
});
