import assert from "node:assert/strict";
import { test } from "node:test";
import { artifact, BadRecord } from "./index.js";
import { exampleRecord } from "./record.fixture.js";

const loss = { x: [1, 2], y: [3, 2], xTitle: "epoch", yTitle: "loss" };
const clip = { case: "a", shape: [2, 3], values: [1, 2, 3, 4, 5, 6], secondsPerFrame: 0.032, bandHz: [100, 200] };

test("a known artifact comes back typed, an absent one is undefined", () => {
  const record = exampleRecord({ artifacts: { loss, spectrograms: { title: "fan", normal: clip, anomalous: clip } } });
  assert.deepEqual(artifact(record, "loss"), loss);
  assert.equal(artifact(record, "spectrograms")?.normal.bandHz[1], 200);
  assert.equal(artifact(record, "attention"), undefined);
});

test("a malformed artifact is refused with its field", () => {
  const cases: readonly [field: string, artifacts: Record<string, unknown>, name: "loss" | "spectrograms"][] = [
    ["artifacts.loss.y", { loss: { ...loss, y: [1] } }, "loss"],
    ["artifacts.loss.x", { loss: { ...loss, x: ["1", 2] } }, "loss"],
    ["artifacts.spectrograms.anomalous.values", { spectrograms: { title: "t", normal: clip, anomalous: { ...clip, values: [1] } } }, "spectrograms"],
    ["artifacts.spectrograms.normal.bandHz", { spectrograms: { title: "t", normal: { ...clip, bandHz: [1] }, anomalous: clip } }, "spectrograms"],
  ];
  for (const [field, artifacts, name] of cases) {
    assert.throws(() => artifact(exampleRecord({ artifacts }), name), (error) => error instanceof BadRecord && error.field === field);
  }
});
