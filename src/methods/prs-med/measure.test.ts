import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { within } from "../../core/near.fixture.js";
import { dice, iou, sweepMetrics, thresholdSweep } from "../../metrics/index.js";
import type { Reply } from "./ask.js";
import { someCases } from "./cases.fixture.js";
import { legacyDoubleSigmoid, scoreRows, stretched, summarise, toBytes, valueOf, zoneConfusion } from "./measure.js";
import { meanOverTasks, publishedRuns } from "./published.js";
import { conceptsOf } from "./text.js";

const near = within(1e-6);
const square = (rows: readonly number[], columns: readonly number[]): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => Number(rows.includes(i >> 2) && columns.includes(i & 3)));

describe("the specification's worked metrics (spec §10)", () => {
  it("Dice and IoU at one half (vector 4)", () => {
    const [truth, prediction] = [square([1, 2], [1, 2]), square([1, 2], [2, 3])];
    assert.deepEqual([dice(prediction, truth), iou(prediction, truth)], [{ score: 0.5 }, { score: 1 / 3 }]);
    assert.deepEqual(dice(square([], []), square([], []), { whenBothEmpty: "one" }), { score: 1 });
  });
  it("the double sigmoid (vector 5)", () => {
    assert.deepEqual([...legacyDoubleSigmoid([0, 1, 127, 255])], [0, 1, 1, 1]);
    assert.deepEqual(dice(legacyDoubleSigmoid([0, 1, 127, 255]), [0, 0, 0, 1]), { score: 0.5 });
  });
  it("256 thresholds (vector 6)", () => {
    const truth = square([0, 1], [0, 1]);
    const measured = (bytes: Uint8Array) => Object.fromEntries(sweepMetrics([thresholdSweep(bytes, truth)]).map(({ id, value }) => [id, value!]));
    const perfect = measured(truth.map((on) => 255 * on));
    near(perfect.mean_dice, 0.99765625);
    near(perfect.mean_iou, 0.997070313);
    const soft = measured(truth.map((on) => (on ? 204 : 51)));
    near(soft.mean_dice, 0.67890625);
    near(soft.mean_iou, 0.6484375);
    near(soft.max_dice, 1);
  });
});

describe("scores of rows", () => {
  const cases = someCases(12);
  const perfect = cases.map((each): Reply => ({ probability: each.softMask, answer: each.position, modality: each.modality, attention: [] }));
  it("are perfect for the truth", () => {
    const rows = scoreRows(cases, perfect);
    const metrics = summarise(rows, 1);
    for (const kind of ["single", "attr", "zone"] as const) assert.deepEqual([valueOf(metrics, "dice", kind), valueOf(metrics, "zone_accuracy", kind), valueOf(metrics, "zone_accuracy_strict", kind)], [1, 1, 1]);
    assert.equal(valueOf(metrics, "bleu4"), 1);
    near(valueOf(metrics, "mean_dice")!, 1, 0.01);
    assert.equal(valueOf(metrics, "mae"), 0);
    const confusion = zoneConfusion(rows, ["top left", "top right", "bottom left", "bottom right", "center"]);
    assert.equal(confusion.flatMap((row, i) => row.filter((_, j) => i !== j)).reduce((sum, n) => sum + n, 0), 0);
  });
  it("count an answer without a zone as wrong and say nothing of text where there is none", () => {
    const silent = summarise(scoreRows(cases, perfect.map((reply) => ({ ...reply, answer: "a lesion" }))), 1);
    assert.equal(valueOf(silent, "zone_accuracy", "single"), 0);
    const blind = summarise(scoreRows(cases, perfect.map((reply) => ({ ...reply, answer: null }))), 1);
    assert.equal(valueOf(blind, "zone_accuracy", "single"), null);
  });
  it("stretching turns a faint map into a full one", () => {
    assert.deepEqual([...toBytes(stretched(Float32Array.of(0.01, 0.02, 0.03)))], [0, 127, 254]);
    assert.deepEqual([...toBytes([0, 0.999, 1])], [0, 254, 255]);
  });
});

it("published result files average to the published means", () => {
  const means = Object.fromEntries(publishedRuns.map((run) => [run.name, meanOverTasks(run)]));
  near(means["full_16_6_classes_fix (PRS-Med)"].dice, 0.876, 6e-4);
  near(means.full_15.dice, 0.67, 6e-4); // seven tasks
  near(means["SAM-Med2D"].iou, 0.391, 6e-4);
});

it("concepts are found in whatever words a question uses", () => {
  assert.deepEqual(conceptsOf("Where is the DARKER one?"), [0, 1, 0, 0, 0, 0, 0]);
  assert.deepEqual(conceptsOf("Mark the light blob in the upper-left corner"), [1, 0, 1, 0, 1, 0, 0]);
});
