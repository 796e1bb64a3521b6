import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot } from "../../core/index.js";
import { brier, ece, reliability, resampledEce } from "../index.js";

interface Golden {
  versions: Record<string, string>;
  cases: { name: string; scores: number[]; labels: number[]; brier: number }[];
}
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "detection.json"), "utf8")) as Golden;

describe("calibration", () => {
  it(`Brier score as scikit-learn ${golden.versions["scikit-learn"]}`, () => {
    for (const { scores, labels, brier: expected } of golden.cases) {
      const [low, high] = [Math.min(...scores), Math.max(...scores)];
      assert.ok(
        Math.abs(
          brier(
            scores.map((s) => (s - low) / (high - low)),
            labels,
          ).value! - expected,
        ) < 1e-12,
      );
    }
    assert.ok(Math.abs(brier([0.9, 0.2], [1, 0]).value! - 0.025) < 1e-15);
  });

  it("ECE of two bins worked by hand, and its name says how many", () => {
    const value = ece([0.9, 0.9, 0.1, 0.1], [1, 0, 0, 0], { bins: 2 });
    assert.ok(Math.abs(value.value! - 0.25) < 1e-15);
    assert.equal(value.convention, "positive-class, 2 equal-width bins");
    assert.equal(ece([1, 1, 0], [1, 1, 0]).value, 0);
    assert.deepEqual(reliability([0.2, 0.3, 1], [0, 1, 1], { bins: 2 }), [
      { count: 2, predicted: 0.25, observed: 0.5 },
      { count: 1, predicted: 1, observed: 1 },
    ]);
    const halves = reliability([0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1], { bins: 2, binning: "equal-mass" });
    assert.deepEqual(
      halves.map(({ count, observed }) => [count, observed]),
      [
        [2, 0],
        [2, 1],
      ],
    );
  });

  it("a resample of weights is the ECE of the repeated cases", () => {
    const p = [0.05, 0.35, 0.36, 0.8, 0.99];
    const y = [0, 1, 0, 1, 1];
    const counts = Int32Array.of(2, 0, 1, 1, 1);
    const repeated = p.flatMap((_, i) => Array.from({ length: counts[i] }, () => i));
    const direct = ece(
      repeated.map((i) => p[i]),
      repeated.map((i) => y[i]),
    ).value!;
    assert.ok(Math.abs(resampledEce(p, y)(counts)! - direct) < 1e-15);
  });

  it("refuses what is no probability", () => {
    assert.throws(() => ece([1.2], [1]), /sigmoid/);
    assert.throws(() => brier([-0.1], [1]), /probabilities\[0\]/);
    assert.throws(() => ece([0.5], [1], { bins: 0 }), /bins/);
    assert.equal(ece([], []).value, null);
  });
});
