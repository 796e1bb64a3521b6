import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs";
import { seededRandom } from "../../core/index.js";
import type { Engine } from "../engine.js";
import { contrastiveNet, train } from "./nets.js";

/** `engine.step` must change nothing but the time a step takes. */
export function stepCases(engine: () => Engine): void {
  const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data());

  describe("step", () => {
    it("gives the losses that plain calls give, and counts the optimizer's iterations", async () => {
      const { tf, step } = engine();
      const plain = await train(tf, contrastiveNet(tf, seededRandom(6), 3), 12);
      const net = contrastiveNet(tf, seededRandom(6), 3);
      const optimizer = tf.train.adam(0.01);
      const once = step(() => optimizer.minimize(net.loss, true, net.variables)!);
      const losses: number[] = [];
      for (let i = 0; i < 12; i++) {
        const loss = once();
        losses.push((await loss.data())[0]);
        loss.dispose();
      }
      for (const [i, loss] of plain.entries()) assert.ok(Math.abs(losses[i] - loss) < 1e-5, `step ${i}: ${losses[i]}, plain ${loss}`);
      assert.equal(optimizer.iterations, 12);
    });

    it("follows arguments, variables set from outside, and a learning rate that changes", async () => {
      const { tf, step } = engine();
      const w = tf.variable(tf.tensor1d([1, 1]));
      const optimizer = tf.train.sgd(0.5);
      const move = step((target: Tensor1D) => optimizer.minimize(() => tf.sum(tf.mul(w, target)) as Scalar, true)!);
      const go = async (target: number[]): Promise<void> => {
        const x = tf.tensor1d(target);
        move(x).dispose();
        x.dispose();
      };
      for (let i = 0; i < 5; i++) await go([1, i]);
      assert.deepEqual(await numbers(w), [-1.5, -4]);
      w.assign(tf.tensor1d([10, 20]));
      await go([2, 0]);
      assert.deepEqual(await numbers(w), [9, 20]);
      (optimizer as unknown as { setLearningRate(rate: number): void }).setLearningRate(2);
      await go([1, 1]);
      assert.deepEqual(await numbers(w), [7, 18]);
      w.dispose();
    });

    it("follows Adam's learning rate", async () => {
      const { tf, step } = engine();
      const w = tf.variable(tf.scalar(0));
      const optimizer = tf.train.adam(0.25);
      const move = step(() => optimizer.minimize(() => tf.mul(w, 1) as Scalar, false));
      for (let i = 0; i < 4; i++) move();
      const [before] = await numbers(w);
      (optimizer as unknown as { learningRate: number }).learningRate = 0.5;
      move();
      const [after] = await numbers(w);
      assert.ok(Math.abs(before + 1) < 1e-4 && Math.abs(after - before + 0.5) < 1e-4, `${before}, then ${after}`);
      w.dispose();
    });

    it("follows shapes that change, and gives lists", async () => {
      const { tf, step } = engine();
      const both = step((x: Tensor1D): Tensor[] => [tf.sum(x), tf.mul(x, 2)]);
      for (const length of [3, 3, 3, 3, 2, 2, 2, 3]) {
        const x = tf.ones([length]) as Tensor1D;
        const [sum, twice] = both(x);
        assert.deepEqual(await numbers(sum), [length]);
        assert.deepEqual(
          await numbers(twice),
          Array.from({ length }, () => 2),
        );
        tf.dispose([x, sum, twice]);
      }
    });

    it("takes arguments that are reshaped views, in any mixture with others", async () => {
      const { tf, step } = engine();
      const w = tf.variable(tf.zeros([2, 3]));
      const add = step((x: Tensor2D) => {
        w.assign(tf.add(w, x) as Tensor2D);
        return tf.mul(x, 2);
      });
      for (let call = 0; call < 8; call++) {
        const flat = tf.range(0, 6).add<Tensor1D>(call);
        const x = (call % 3 === 2 ? flat.add<Tensor1D>(0) : flat).reshape<Tensor2D>([2, 3]);
        const own = call % 4 === 3 ? tf.tensor2d(await x.data(), [2, 3]) : x;
        const twice = add(own);
        assert.deepEqual(twice.shape, [2, 3]);
        assert.deepEqual(await numbers(twice), [0, 1, 2, 3, 4, 5].map((i) => 2 * (i + call)));
        tf.dispose([flat, x, own, twice]);
      }
      assert.deepEqual(await numbers(w), [0, 1, 2, 3, 4, 5].map((i) => 8 * i + 28));
      w.dispose();
    });

    it("keeps arguments apart that were the same tensor, or one from outside", async () => {
      const { tf, step } = engine();
      const [one, two] = [tf.tensor1d([1]), tf.tensor1d([2])];
      const mix = step((x: Tensor1D, y: Tensor1D) => tf.add(tf.add(tf.mul(x, 100), tf.mul(y, 10)), one));
      for (let call = 0; call < 4; call++) assert.deepEqual(await numbers(mix(one, one)), [111]);
      assert.deepEqual(await numbers(mix(one, two)), [121]);
      assert.deepEqual(await numbers(mix(two, one)), [211]);
      const [v, w] = [tf.variable(one), tf.variable(two)];
      for (let call = 0; call < 4; call++) assert.deepEqual(await numbers(mix(v as Tensor1D, v as Tensor1D)), [111]);
      assert.deepEqual(await numbers(mix(v as Tensor1D, w as Tensor1D)), [121]);
      tf.dispose([one, two, v, w]);
    });

    it("follows a variable that is assigned a reshaped tensor", async () => {
      const { tf, step } = engine();
      const w = tf.variable(tf.ones([2, 2]));
      const grow = step(() => {
        w.assign(tf.mul(w, 2) as Tensor2D);
        return tf.sum(w);
      });
      for (let call = 0; call < 4; call++) assert.deepEqual(await numbers(grow()), [8 * 2 ** call]);
      w.assign(tf.tensor1d([1, 2, 3, 4]).reshape([2, 2]));
      for (let call = 0; call < 4; call++) assert.deepEqual(await numbers(grow()), [20 * 2 ** call]);
      assert.deepEqual(await numbers(w), [16, 32, 48, 64]);
      w.dispose();
    });

    it("draws new random numbers at every call", async () => {
      const { tf, step } = engine();
      const draw = step(() => tf.randomUniform([20]));
      const seen = new Set<number>();
      for (let i = 0; i < 6; i++) seen.add((await numbers(draw()))[0]);
      assert.equal(seen.size, 6);
    });

    it("leaves earlier results and copies of variables as they were", async () => {
      const { tf, step } = engine();
      const count = tf.variable(tf.scalar(0));
      const increase = step(() => {
        count.assign(tf.add(count, 1) as Scalar);
        return tf.mul(count, 10);
      });
      const results: Tensor[] = [];
      let copy: Tensor | undefined;
      for (let i = 0; i < 8; i++) {
        results.push(increase());
        if (i === 4) copy = count.clone();
      }
      assert.deepEqual((await Promise.all(results.map(numbers))).flat(), [10, 20, 30, 40, 50, 60, 70, 80]);
      assert.deepEqual(await numbers(copy!), [5]);
      assert.deepEqual(await numbers(count), [8]);
      count.dispose();
    });

    it("passes on an exception inside it, frees what it made, and works at the next call", async () => {
      const { tf, step } = engine();
      const w = tf.variable(tf.tensor1d([1, 2]));
      const product = step((x: Tensor1D) => {
        w.assign(tf.add(w, 1));
        return tf.matMul(tf.square(w).reshape([1, 2]), x.reshape([-1, 1]));
      });
      const [two, three] = [tf.ones([2]) as Tensor1D, tf.ones([3]) as Tensor1D];
      product(two).dispose();
      const tensors = tf.memory().numTensors;
      for (let i = 0; i < 3; i++) assert.throws(() => product(three), /matMul.*inner shapes/i);
      assert.equal(tf.memory().numTensors, tensors);
      assert.deepEqual(await numbers(w), [5, 6]);
      const result = product(two);
      assert.deepEqual(await numbers(result), [36 + 49]);
      tf.dispose([w, two, three, result]);
    });

    it("frees everything but what it returns", async () => {
      const { tf, step } = engine();
      const net = contrastiveNet(tf, seededRandom(6), 3);
      const optimizer = tf.train.adam(0.01);
      const once = step(() => optimizer.minimize(net.loss, true, net.variables)!);
      for (let i = 0; i < 4; i++) once().dispose();
      const [tensors, buffers] = [tf.memory().numTensors, tf.backend().numDataIds()];
      for (let i = 0; i < 20; i++) once().dispose();
      assert.deepEqual([tf.memory().numTensors, tf.backend().numDataIds()], [tensors, buffers]);
    });
  });
}
