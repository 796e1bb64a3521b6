import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, parameter, plannedBlocks } from "./index.js";

test("parts are counted from the plan, in its order; what no parameter of is trained is frozen", () => {
  const fixed = { trainable: false };
  const plan = { imageEncoder: { stem: parameter([3, 3, 1, 8], constant(0), fixed), blocks: [parameter([8, 8], constant(0), fixed)] }, head: { weight: parameter([8, 2], constant(0)), mean: parameter([2], constant(0), fixed) } };
  assert.deepEqual(plannedBlocks(plan, { details: { head: "2 classes" } }), [
    { id: "imageEncoder", title: "Image encoder", parameters: 136, kind: "frozen" },
    { id: "head", title: "Head", parameters: 18, kind: "learned", detail: "2 classes" },
  ]);
  assert.deepEqual(plannedBlocks(plan, { depth: 2, titles: { "head.weight": "Projection" } }).map(({ id, title }) => [id, title]), [
    ["imageEncoder.stem", "Image encoder stem"], ["imageEncoder.blocks", "Image encoder blocks"], ["head.weight", "Projection"], ["head.mean", "Head mean"],
  ]);
});
