import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planWeights, requireComplete, type WeightTarget } from "./weight-plan.js";

const target: WeightTarget = {
  name: "a net",
  slots: [
    { from: "conv.weight", to: "mine.conv.weight", shape: [2, 1, 3, 3] },
    { from: "conv.bias", to: "mine.conv.bias", shape: [2] },
  ],
  unneeded: [{ pattern: /^fc\./, reason: "the classifier" }],
};
const file = (entries: Readonly<Record<string, number[]>>) =>
  Object.entries(entries).map(([name, shape]) => ({
    name,
    shape,
    dtype: "float32" as const,
    bytes: 4 * shape.reduce((a, b) => a * b, 1),
  }));
const conv = { "conv.weight": [2, 1, 3, 3], "conv.bias": [2] };
const behind = (prefix: string, entries: Readonly<Record<string, number[]>>) =>
  Object.fromEntries(Object.entries(entries).map(([name, shape]) => [prefix + name, shape]));

describe("planWeights", () => {
  it("gives every tensor its place or says that it has none", () => {
    const plan = planWeights(file({ ...conv, "fc.weight": [5, 2], "head.weight": [1] }), target);
    assert.deepEqual(plan, {
      prefix: "",
      used: [
        { from: "conv.weight", to: "mine.conv.weight", shape: [2, 1, 3, 3] },
        { from: "conv.bias", to: "mine.conv.bias", shape: [2] },
      ],
      unneeded: [{ name: "fc.weight", reason: "the classifier" }],
      leftOver: ["head.weight"],
      missing: [],
      otherShape: [],
    });
    requireComplete(plan, target, "a.pth");
  });

  it("finds what a checkpoint puts before the names", () => {
    const plan = planWeights(
      file({ ...behind("state_dict.model.", conv), "optimizer.0": [1], "other.conv.weight": [1] }),
      target,
    );
    assert.equal(plan.prefix, "state_dict.model.");
    assert.equal(plan.used.length, 2);
    assert.deepEqual(plan.leftOver, ["optimizer.0", "other.conv.weight"]);
  });

  it("does not choose between two models that fit alike", () => {
    const two = file({ ...behind("model.", conv), ...behind("ema.", conv) });
    assert.throws(() => planWeights(two, target), /there twice, under "model\." and "ema\."/);
    assert.deepEqual(planWeights(two, target, "ema.").leftOver, ["model.conv.weight", "model.conv.bias"]);
  });

  it("fails on what is missing and on what has another shape", () => {
    const missing = planWeights(file({ "conv.weight": [2, 1, 3, 3] }), target);
    assert.deepEqual(missing.missing, ["conv.bias"]);
    assert.throws(
      () => requireComplete(missing, target, "a.pth"),
      /a\.pth: lacks 1 of the 2 tensors of a net: conv\.bias\./,
    );
    const other = planWeights(file({ ...conv, "conv.bias": [3] }), target);
    assert.deepEqual([other.used.length, other.otherShape], [1, [{ name: "conv.bias", expected: [2], actual: [3] }]]);
    assert.throws(() => requireComplete(other, target, "a.pth"), /has conv\.bias of shape \[3\] where a net takes \[2\]/);
  });

  it("fails on a deeper model of the same names", () => {
    const deeper = planWeights(file({ ...conv, "conv.1.weight": [2] }), target);
    assert.deepEqual(deeper.leftOver, ["conv.1.weight"]);
    assert.throws(() => requireComplete(deeper, target, "a.pth"), {
      code: "other-architecture",
      message: /has 1 tensors .*, the first conv\.1\.weight\./,
    });
  });
});
