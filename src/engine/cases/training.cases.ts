import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Scalar, Tensor1D } from "@tensorflow/tfjs";
import { seededRandom } from "../../core/index.js";
import type { Engine, TensorFlow } from "../engine.js";
import { adamW } from "../ops/adam-w.js";
import { clipByGlobalNorm } from "../ops/clip.js";
import { gelu } from "../ops/gelu.js";
import { groupNorm } from "../ops/group-norm.js";
import { contrastiveNet, disposeAll, train } from "./nets.js";

/** Whole training steps, as methods and notebooks write them. */
export function trainingCases(engine: () => Engine): void {
  describe("training", () => {
    it("gives the same losses on a second run from the same seed, and they fall", async () => {
      const run = () => train(engine().tf, contrastiveNet(engine().tf, seededRandom(4)), 20);
      const first = await run();
      assert.deepEqual(await run(), first);
      assert.ok(first[19] < 0.8 * first[0], `losses ${first[0]} … ${first[19]}`);
    });

    it("keeps the number of tensors from step to step", async () => {
      const { tf } = engine();
      const net = contrastiveNet(tf, seededRandom(1));
      await train(tf, net, 2);
      const before = tf.memory().numTensors;
      await train(tf, net, 10);
      assert.equal(tf.memory().numTensors, before);
    });

    it("fits a layers model with dropout and batch norm", async () => {
      const { tf } = engine();
      const model = tf.sequential({
        layers: [
          tf.layers.dense({ inputShape: [4], units: 16, activation: "relu", kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }) }),
          tf.layers.batchNormalization(),
          tf.layers.dropout({ rate: 0.2, seed: 5 }),
          tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotNormal({ seed: 4 }) }),
        ],
      });
      model.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError" });
      const random = seededRandom("fit");
      const rows = Array.from({ length: 64 }, () => Array.from({ length: 4 }, () => random.normal()));
      const x = tf.tensor2d(rows);
      const y = tf.tensor2d(rows.map(([a, b]) => [a - 2 * b]));
      const { history } = await model.fit(x, y, { epochs: 30, batchSize: 16, verbose: 0, shuffle: false });
      const loss = history.loss as number[];
      assert.ok(loss[29] < 0.5 * loss[0], `losses ${loss[0]} … ${loss[29]}`);
      const prediction = model.predict(x) as import("@tensorflow/tfjs").Tensor;
      assert.ok((await prediction.data()).every(Number.isFinite));
    });

    it("trains with every optimizer of TensorFlow.js on a changing learning rate", async () => {
      const { tf } = engine();
      for (const make of [
        () => tf.train.sgd(0.1),
        () => tf.train.momentum(0.05, 0.9),
        () => tf.train.rmsprop(0.05),
        () => tf.train.adam(0.1),
        () => tf.train.adagrad(0.5),
        () => tf.train.adamax(0.1),
      ]) {
        const w = tf.variable(tf.tensor1d([3, -2]));
        const optimizer = make() as unknown as { learningRate: number } & ReturnType<typeof make>;
        const losses: number[] = [];
        for (let step = 0; step < 20; step++) {
          optimizer.learningRate *= 0.99;
          const loss = optimizer.minimize(() => tf.sum(tf.square(w)), true, [w])!;
          losses.push((await loss.data())[0]);
          loss.dispose();
        }
        assert.ok(losses[19] < 0.7 * losses[0], `${optimizer.getClassName()}: ${losses[0]} … ${losses[19]}`);
        w.dispose();
      }
    });

    it("decays weights as PyTorch's AdamW does (golden values: PyTorch 1.13, rate 0.1, decay 0.1)", async () => {
      const { tf, step } = engine();
      const w = tf.variable(tf.tensor1d([1, -2]));
      const optimizer = adamW(tf, { learningRate: 0.1, weightDecay: 0.1 });
      const once = step(() => optimizer.minimize(() => tf.sum(tf.mul(tf.square(w), tf.tensor1d([0.5, 2]))) as Scalar, false, [w]));
      for (const expected of [
        [0.89, -1.88],
        [0.7815719246864319, -1.7614089250564575],
        [0.6751012802124023, -1.6443686485290527],
      ]) {
        once();
        // TensorFlow.js keeps 1 − β₂ᵗ in single precision, which leaves the first steps some five digits.
        for (const [i, value] of (await w.data()).entries())
          assert.ok(Math.abs(value - expected[i]) < 5e-6, `${value}, PyTorch ${expected[i]}`);
      }
      w.dispose();
      const bias = tf.variable(tf.tensor1d([5]), true, "layer/bias");
      const kept = adamW(tf, { learningRate: 0.1, weightDecay: 0.5, decays: (name) => !name.endsWith("bias") });
      kept.minimize(() => tf.sum(tf.mul(bias, 0)) as Scalar, false, [bias]);
      assert.deepEqual(Array.from(await bias.data()), [5]);
      bias.dispose();
    });

    it("normalises groups and bends as PyTorch's group_norm and gelu do (golden values: PyTorch 1.13)", async () => {
      const { tf } = engine();
      const x = tf.tensor4d(
        Array.from({ length: 12 }, (_, i) => i / 3 - 1),
        [1, 2, 1, 6],
      );
      const scale = tf.tensor1d([1, 2, 3, 4, 5, 6]);
      const normal = Array.from(await groupNorm(tf, x, { groups: 3, scale, offset: tf.div(tf.range(0, 6), 10) as Tensor1D }).data());
      const expected = [
        -1.1507874, -1.5439819, -3.2523618, -2.9879639, -5.3539371, -4.4319468, 0.821991, 2.4015746, 2.6659727, 4.9031487, 4.50995,
        7.4047251,
      ];
      for (const [i, value] of normal.entries()) assert.ok(Math.abs(value - expected[i]) < 1e-5, `${value}, PyTorch ${expected[i]}`);
      const bent = Array.from(await gelu(tf, tf.tensor1d([-1, 0, 1, 2.5])).data());
      for (const [i, value] of [-0.1586553, 0, 0.8413447, 2.4844759].entries()) assert.ok(Math.abs(bent[i] - value) < 1e-6, `${bent[i]}`);
      assert.throws(() => groupNorm(tf, x, { groups: 4 }), /divide the 6 channels/);
    });

    it("clips gradients by their global norm: 3, 4 at most 1 is 0.6, 0.8", async () => {
      const { tf } = engine();
      const { gradients, norm } = clipByGlobalNorm(tf, { w: tf.tensor1d([3, 4]) }, 1);
      assert.deepEqual(await rounded(tf, gradients.w), [0.6, 0.8]);
      assert.equal((await norm.data())[0], 5);
      disposeAll(gradients);
    });
  });
}

async function rounded(tf: TensorFlow, x: import("@tensorflow/tfjs").Tensor): Promise<number[]> {
  return Array.from(await tf.round(tf.mul(x, 1e4)).data(), (value) => value / 1e4);
}
