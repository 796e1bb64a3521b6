import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot, ShapeMismatch } from "../../core/index.js";
import { within } from "../../core/near.fixture.js";
import { structureMeasure, sweepMetrics, thresholdSweep, weightedF } from "../index.js";

interface Golden {
  versions: Record<string, string>;
  cases: {
    name: string;
    shape: [number, number];
    prediction: number[];
    truth: number[];
    sm: number;
    wfm: number;
    em: number[];
  }[];
}
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "salience.json"), "utf8")) as Golden;

const near = within(1e-9);

const value = (metrics: ReturnType<typeof sweepMetrics>, id: string): number =>
  metrics.find((metric) => metric.id === id)!.value!;

describe(`agree with PySODMetrics ${golden.versions.pysodmetrics}`, () => {
  for (const { name, shape, prediction, truth, sm, wfm, em } of golden.cases) {
    it(name, () => {
      const soft = prediction.map((byte) => byte / 255);
      near(structureMeasure(soft, truth, shape), sm);
      if (name === "empty") assert.deepEqual(weightedF(soft, truth, shape), { excluded: "truth-empty" });
      else near(weightedF(soft, truth, shape), wfm);
      // Its curve runs from threshold 255 down as well.
      thresholdSweep(prediction, truth).alignment.forEach((alignment, j) => near(alignment, em[j]));
    });
  }
});

describe("256 thresholds worked by hand", () => {
  const truth = Array.from({ length: 16 }, (_, i) => (i % 4 < 2 && i < 8 ? 1 : 0));

  it("a perfect binary prediction stays below 1 on average", () => {
    const metrics = sweepMetrics([
      thresholdSweep(
        truth.map((t) => 255 * t),
        truth,
      ),
    ]);
    near(value(metrics, "mean_dice"), 0.99765625, 1e-12);
    near(value(metrics, "mean_iou"), 0.9970703125, 1e-12);
    near(value(metrics, "max_dice"), 1);
    near(value(metrics, "max_sensitivity"), 1);
  });

  it("a soft prediction, and an empty truth", () => {
    const metrics = sweepMetrics([
      thresholdSweep(
        truth.map((t) => (t ? 204 : 51)),
        truth,
      ),
    ]);
    near(value(metrics, "mean_dice"), 0.67890625, 1e-12);
    near(value(metrics, "mean_iou"), 0.6484375, 1e-12);
    near(value(metrics, "max_dice"), 1);
    const empty = sweepMetrics([thresholdSweep([0, 255], [0, 0])]);
    for (const id of ["mean_dice", "max_iou", "mean_specificity"]) assert.equal(value(empty, id), 0);
  });

  it("the conventions of PRS-Med's code differ, and nonsense is refused", () => {
    const { prediction, truth, shape } = golden.cases[0];
    const soft = prediction.map((byte) => byte / 255);
    assert.notDeepEqual(structureMeasure(soft, truth, shape, { convention: "prs-med" }), structureMeasure(soft, truth, shape));
    const corner = Array.from({ length: 64 }, (_, i) => (i % 8 < 4 && i < 32 ? 1 : 0));
    const wrong = corner.map((t) => 0.5 + 0.3 * t);
    assert.notDeepEqual(weightedF(wrong, corner, [8, 8], { border: "replicate" }), weightedF(wrong, corner, [8, 8]));
    near(weightedF(corner, corner, [8, 8]), 1);
    assert.throws(() => thresholdSweep([0.5], [1]), /byte/);
    assert.throws(() => structureMeasure([1], [1], [1, 2]), ShapeMismatch);
    assert.throws(() => sweepMetrics([]), /at least one/);
  });
});
