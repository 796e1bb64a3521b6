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

test("an artifact may stand under a name of its own, and overlays are checked by how they are drawn", () => {
  const image = { shape: [1, 2], values: [0, 1] };
  const panels = (overlay: object) => ({ gallery: { panels: [{ title: "a", image, overlays: [{ name: "o", ...overlay }] }] } });
  const good = panels({ draw: "points", points: [[0, 1]] });
  assert.deepEqual(artifact(exampleRecord({ artifacts: good }), "panels", "gallery"), good.gallery);
  for (const [overlay, field] of [[{ draw: "star" }, "draw"], [{ draw: "heat" }, "weights"], [{ draw: "fill", weights: image }, "mask"]] as const) {
    assert.throws(() => artifact(exampleRecord({ artifacts: panels(overlay) }), "panels", "gallery"), (error) => error instanceof BadRecord && error.field === `artifacts.gallery.panels[0].overlays[0].${field}`);
  }
});
