import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openEngine, type Engine } from "../../engine/index.js";
import { fillByName, near, numbers, readGolden } from "../../nn/golden.fixture.js";
import { centeredFft2, disposeWeights, parameterCount, plannedCount } from "../../nn/index.js";
import { generalisedAdvantage } from "./advantage.js";
import { presets } from "./config.js";
import { actAndValue, initActorCritic, planHead } from "./policy.js";
import { ppoLosses } from "./ppo.js";
import type { Tensor } from "./tensorflow.js";

/** From NumPy and PyTorch: tests/golden/asmr.py. */
const golden = readGolden<{
  readonly numpy: string;
  readonly torch: string;
  readonly ppo: {
    readonly losses: Readonly<Record<"total" | "policy" | "value" | "entropy" | "kl" | "clipped", number>>;
    readonly logitGradient: number[];
    readonly valueGradient: number[];
    readonly legal: number[];
    readonly action: number[];
    readonly oldLogProbability: number[];
  };
  readonly gae: { readonly done: number[]; readonly advantages: number[] };
  readonly policy: { readonly logits: number[]; readonly value: number[]; readonly mask: number[] };
}>("asmr");

let engine: Engine;
let tf: Engine["tf"];
before(async () => {
  engine = await openEngine();
  ({ tf } = engine);
});
after(() => engine.close());

const all = async (actual: Tensor, expected: readonly number[], tolerance: number, what: string): Promise<void> => {
  for (const [i, value] of (await actual.data()).entries()) assert.ok(Math.abs(value - expected[i]) <= tolerance, `${what}[${i}]: ${value}, reference ${expected[i]}`);
};

describe(`PPO's losses agree with NumPy ${golden.numpy}`, () => {
  const [batch, actions] = [8, 6];
  it("in value and in gradient", async () => {
    const { ppo } = golden;
    const vector = (name: string, scale = 1) => tf.tensor1d(numbers(name, batch).map((x) => scale * x));
    const fixed = {
      legal: tf.tensor2d(ppo.legal, [batch, actions]), actions: tf.tensor2d(ppo.action, [batch, 1]), oldLogProbability: tf.tensor1d(ppo.oldLogProbability),
      oldValue: vector("oldValue"), advantage: vector("advantage"), return: vector("return", 1.5),
    };
    const logits = tf.tensor2d(numbers("logits", batch * actions).map((x) => 2 * x), [batch, actions]);
    const value = vector("value");
    const losses = ppoLosses(tf, { ...fixed, logits, value }, presets.paper.ppo);
    for (const [name, loss] of Object.entries(losses)) await all(loss, [ppo.losses[name as keyof typeof losses]], 2e-6, name);
    const [byLogit, byValue] = tf.grads((l: Tensor, v: Tensor) => ppoLosses(tf, { ...fixed, logits: l.as2D(batch, actions), value: v.as1D() }, presets.paper.ppo).total)([logits, value]);
    await all(byLogit, ppo.logitGradient, 2e-5, "∂/∂logit");
    await all(byValue, ppo.valueGradient, 2e-5, "∂/∂value");
  });

  it("advantages over several environments and episode ends", () => {
    const [steps, environments] = [7, 3];
    const rows = (values: ArrayLike<number>, count: number): Float32Array[] => Array.from({ length: count }, (_, t) => Float32Array.from({ length: environments }, (_, e) => values[t * environments + e]));
    const done = rows(golden.gae.done, steps + 1);
    const { advantages } = generalisedAdvantage({
      rewards: rows(numbers("rewards", steps * environments), steps), values: rows(numbers("values", steps * environments), steps),
      done: done.slice(0, steps), nextValue: numbers("next", environments), nextDone: done[steps],
    }, presets.paper.ppo);
    for (const [i, value] of advantages.flatMap((row) => [...row]).entries()) assert.ok(Math.abs(value - golden.gae.advantages[i]) < 1e-5);
  });
});

describe("the policy", () => {
  it(`agrees with PyTorch ${golden.torch}: FFT, kernel in k-space, layer norms, pooling, remaining lines`, async () => {
    const config = { ...presets.small, data: { ...presets.small.data, size: 24, sampledIndices: [0, 23] as const }, policy: { ...presets.small.policy, pictureNorm: "backward" as const } };
    const policy = initActorCritic(tf, config, 1);
    await fillByName(tf, policy.weights, (name, shape) => {
      if (name.includes("conv_kspace")) return [1, 0];
      const count = shape.reduce((a, b) => a * b, 1);
      return [shape.length > 1 ? 1.5 / Math.sqrt(Math.max(1, count / shape[0])) : 0.2, (name.includes("layernorm.weight") || name.endsWith("trunk.1.weight")) ? 1 : 0];
    });
    const kspace = centeredFft2(tf, { real: tf.tensor3d(numbers("picture", 2 * 24 * 24).map((x) => x + 1), [2, 24, 24]) });
    const { logits, value } = actAndValue(tf, { kspace, mask: tf.tensor2d([golden.policy.mask, golden.policy.mask]), remaining: tf.tensor1d([5, 5]) }, policy, "evaluate");
    await near(logits, golden.policy.logits.filter((_, i) => i % 2 === 0), "logits");
    await near(value, golden.policy.value, "value");
    disposeWeights(policy.weights);
  });

  it("has 198,653 parameters at `small` and 22,805,069 as published (spec §10, vector 18)", () => {
    const small = initActorCritic(tf, presets.small, 1);
    assert.equal(parameterCount(small.weights), 198_653);
    disposeWeights(small.weights);
    const resnet18 = 11_176_512;
    assert.equal(2 * resnet18 + plannedCount(planHead(presets.paper, 256)) + plannedCount(planHead(presets.paper, 1)), 22_805_069);
    const knee = { data: { ...presets.paper.data, size: 320 }, policy: presets.paper.policy };
    assert.equal(resnet18 + plannedCount(planHead(knee, 335)), 11_529_333);
  });

  it("that sees only the budget gives every picture the same answer", async () => {
    const config = { ...presets.small, policy: { ...presets.small.policy, sees: "budget-only" as const } };
    const policy = initActorCritic(tf, config, 1);
    const kspace = centeredFft2(tf, { real: tf.tensor3d(numbers("picture", 2 * 48 * 48), [2, 48, 48]) });
    const { logits } = actAndValue(tf, { kspace, mask: tf.ones([2, 48]), remaining: tf.tensor1d([5, 5]) }, policy, "evaluate");
    const values = await logits.data();
    assert.deepEqual(values.slice(0, 48), values.slice(48));
    disposeWeights(policy.weights);
  });
});
