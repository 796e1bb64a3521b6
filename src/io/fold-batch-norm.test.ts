import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { within } from "../core/near.fixture.js";
import { foldBatchNorms } from "./fold-batch-norm.js";
import type { WeightTarget } from "./weight-plan.js";

const norm = (name: string, channels: number) => ["weight", "bias", "running_mean", "running_var"].map((part) => ({ from: `${name}.${part}`, to: `mine.${name}.${part}`, shape: [channels] }));
const target = (...slots: WeightTarget["slots"]): WeightTarget => ({ name: "a net", slots, unneeded: [] });
const slot = (name: string, ...shape: number[]) => ({ from: name, to: `mine.${name}`, shape });

describe("foldBatchNorms", () => {
  it("scales each output channel and gives the convolution a bias, by hand", () => {
    const { slots } = foldBatchNorms(target(slot("conv1.weight", 2, 1, 1, 2), ...norm("bn1", 2), slot("fc.weight", 3, 2)));
    assert.deepEqual(slots.map(({ to, becomes, shape }) => [to, becomes?.shape ?? shape]), [["mine.conv1.weight", [2, 1, 1, 2]], ["mine.conv1.bias", [2]], ["mine.fc.weight", [3, 2]]]);
    const [weight, bias] = slots;
    const f = (...numbers: number[]) => Float32Array.from(numbers);
    // γ/√(variance + ε) is 2 and ½
    const [gamma, variance] = [f(4, 1), f(4 - 1e-5, 4 - 1e-5)];
    const near = within(1e-6);
    assert.deepEqual(weight.also?.map(({ from }) => from), ["bn1.weight", "bn1.running_var"]);
    near(weight.becomes!.convert(f(1, 2, 3, 4), gamma, variance), [2, 4, 1.5, 2]);
    assert.deepEqual([bias.from, ...bias.also!.map(({ from }) => from)], ["bn1.bias", "bn1.weight", "bn1.running_mean", "bn1.running_var"]);
    near(bias.becomes!.convert(f(10, 20), gamma, f(1, -2), variance), [8, 21]);
  });

  it("takes a bias that is there along, and the second axis of a transposed convolution", () => {
    const { slots } = foldBatchNorms(target(slot("up.0.weight", 2, 3, 1, 1), slot("up.0.bias", 3), ...norm("up.1", 3)));
    const [weight, bias] = slots;
    assert.deepEqual(slots.length, 2);
    const ones = new Float32Array(3).fill(1);
    const gamma = Float32Array.of(1, 2, 3);
    assert.deepEqual([...weight.becomes!.convert(Float32Array.of(1, 1, 1, 1, 1, 1), gamma, ones)].map(Math.round), [1, 2, 3, 1, 2, 3]);
    // (b − μ)·γ/σ + β with b = 5, μ = 1
    assert.deepEqual([...bias.becomes!.convert(new Float32Array(3), gamma, ones, ones, new Float32Array(3).fill(5))].map(Math.round), [4, 8, 12]);
  });

  it("knows the names of the field, and says which norm it does not know", () => {
    for (const [conv, bn] of [["layer1.0.conv2", "layer1.0.bn2"], ["layer2.0.downsample.0", "layer2.0.downsample.1"], ["a.c", "a.bn"], ["x.conv", "x.instnorm"], ["encoder2", "ebn2"], ["decoder4", "dbn4"]])
      assert.equal(foldBatchNorms(target(slot(`${conv}.weight`, 2, 2, 3, 3), ...norm(bn, 2))).slots.length, 2, bn);
    assert.throws(() => foldBatchNorms(target(slot("conv.weight", 2, 2, 3, 3), ...norm("strange", 2))), { code: "unsupported", message: /strange/ });
  });
});
