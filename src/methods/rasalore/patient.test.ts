import assert from "node:assert/strict";
import { it } from "node:test";
import type { EvaluatedSlice } from "./evaluate.js";
import { patientScores } from "./patient.js";

const side = 8;
const square = (from: number, to: number, value: number): number[] =>
  Array.from({ length: side * side }, (_, i) => (i % side >= from && i % side < to && Math.floor(i / side) >= from && Math.floor(i / side) < to ? value : 0));

/** One slice of 8×8 whose crop is all of it. */
const slice = (z: number, predicted: readonly number[], unhealthy = 0.9): EvaluatedSlice => ({
  guided: {
    loaded: { slice: { id: `p_${z}`, patient: "p", z, split: "test", label: "unhealthy", image: "", mask: undefined }, width: side, height: side, image: new Uint8Array(side * side), mask: Uint8Array.from(square(2, 4, 255)) },
    prediction: { unhealthy, attention: new Float32Array(), map: { size: 1, data: new Uint8Array(1) } },
    masks: { map: { size: 1, data: new Uint8Array(1) } },
  },
  prepared: { id: `p_${z}`, patient: "p", crop: { top: 0, bottom: side, left: 0, right: side } } as EvaluatedSlice["prepared"],
  prediction: { probability: Float32Array.from(predicted), activations: new Float32Array() },
});

it("a mask that covers everything finds the lesion only where any overlap counts", () => {
  assert.deepEqual(patientScores([slice(0, square(2, 4, 0.9)), slice(1, square(2, 4, 0.9))], side / 2), [{ patient: "p", dice: 1, lesionF1: 1, lesionF1Half: 1 }]);
  const [everything] = patientScores([slice(0, square(0, 8, 0.9))], side / 2);
  assert.deepEqual([everything.lesionF1, everything.lesionF1Half], [1, 0]);
  assert.ok(Math.abs(everything.dice! - 8 / 68) < 1e-12);
});

it("a slice that stage 1 takes for healthy is predicted empty", () => {
  const [{ dice, lesionF1, lesionF1Half }] = patientScores([slice(0, square(2, 4, 0.9)), slice(1, square(2, 4, 0.9), 0.5)], side / 2);
  assert.ok(Math.abs(dice! - 8 / 12) < 1e-12);
  assert.deepEqual([lesionF1, lesionF1Half], [1, 0], "half of the lesion is no more than half");
});
