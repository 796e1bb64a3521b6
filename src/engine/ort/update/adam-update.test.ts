import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import { seededRandom } from "../../../core/index.js";
import type { Engine, TensorFlow } from "../../engine.js";
import { adamW } from "../../ops/adam-w.js";
import { openEngine } from "../../open.js";
import { adamKernel } from "./adam-kernel.js";

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-7];

/** Adam in double precision (Kingma & Ba 2015, algorithm 1 with the efficient order of the end of its §2). */
function reference(weights: number[], gradientOf: (w: number) => number, rates: readonly number[], zeroedBefore?: number): number[] {
  return weights.map((start) => {
    let [w, m, v] = [start, 0, 0];
    for (const [i, rate] of rates.entries()) {
      if (i === zeroedBefore) w = 0;
      const g = gradientOf(w);
      const root = Math.sqrt(1 - beta2 ** (i + 1));
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      w -= ((rate * root) / (1 - beta1 ** (i + 1))) * (m / (Math.sqrt(v) + epsilon * root));
    }
    return w;
  });
}

const close = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  // TensorFlow.js keeps 1 − β₂ᵗ in single precision, which leaves the first steps some five digits.
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(actual[i] - value) < 2e-5, `${i}: ${actual[i]}, by hand ${value}`);
};

describe("Adam's kernel", () => {
  it("updates as the formula says, and nothing behind the end", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const random = seededRandom("adam");
    const [w, m, v, g] = [0, 1, 2, 3].map((part) => new Float32Array(memory.buffer, part * 256, 64));
    for (const array of [w, m, g]) for (let i = 0; i < 64; i++) array[i] = random.normal();
    for (let i = 0; i < 64; i++) v[i] = random.uniform(0, 2);
    const before = [w, m, v, g].map((array) => array.slice());
    adamKernel(memory)(0, 256, 512, 768, 192, 0.9, 0.1, 0.99, 0.01, 0.05, 1e-3, 0.75);
    for (let i = 0; i < 64; i++) {
      const [w0, m0, v0, g0] = before.map((array) => array[i]);
      const [m1, v1] = i < 48 ? [0.9 * m0 + 0.1 * g0, 0.99 * v0 + 0.01 * g0 * g0] : [m0, v0];
      const w1 = i < 48 ? 0.75 * w0 - (0.05 * m1) / (Math.sqrt(v1) + 1e-3) : w0;
      const pairs = [
        [w[i], w1],
        [m[i], m1],
        [v[i], v1],
        [g[i], g0],
      ];
      for (const [actual, expected] of pairs)
        assert.ok(Math.abs(actual - expected) < 1e-6 * (1 + Math.abs(expected)), `${i}: ${actual}, by hand ${expected}`);
    }
  });
});

describe("Adam outside the graph", () => {
  let engine: Engine;
  let tf: TensorFlow;
  before(async () => {
    engine = await openEngine({ prefer: "ort", threads: 1 });
    ({ tf } = engine);
  });
  after(() => engine.close());

  const starts = [1, -2, 3, 0.5, -0.25, 4, 2, -1, 0.1, 7];
  const halfSquare = (w: Variable) => () => tf.sum(tf.mul(tf.square(w), 0.5)) as Scalar; // gradient w
  const rates = Array.from({ length: 12 }, (_, i) => 0.1 / (1 + i));
  const follow = (optimizer: object, rate: number): void => void ((optimizer as { learningRate: number }).learningRate = rate);

  for (const [how, wrap] of [
    ["plain calls", (f: () => Tensor) => f],
    ["replayed steps", (f: () => Tensor) => engine.step(f)],
  ] as const) {
    it(`follows the formula over a learning-rate schedule, in ${how}`, async () => {
      const w = tf.variable(tf.tensor1d(starts));
      const optimizer = tf.train.adam(0.1, beta1, beta2, epsilon);
      const once = wrap(() => optimizer.minimize(halfSquare(w), true, [w])!);
      for (const rate of rates) {
        follow(optimizer, rate);
        once().dispose();
      }
      close(await w.data(), reference(starts, (value) => value, rates));
      w.dispose();
      optimizer.dispose();
    });
  }

  it("leaves clones and earlier readings as they were, and takes weights set from outside", async () => {
    const w = tf.variable(tf.tensor1d(starts));
    const optimizer = tf.train.adam(0.1, beta1, beta2, epsilon);
    const once = engine.step(() => optimizer.minimize(halfSquare(w), true, [w])!);
    const clones: Tensor[] = [];
    for (let i = 0; i < 6; i++) {
      once().dispose();
      clones.push(w.clone());
    }
    for (const [i, clone] of clones.entries()) close(await clone.data(), reference(starts, (value) => value, Array.from({ length: i + 1 }, () => 0.1)));
    w.assign(tf.zeros([10]));
    once().dispose();
    close(await w.data(), reference(starts, (value) => value, Array.from({ length: 7 }, () => 0.1), 6));
    w.dispose();
    tf.dispose(clones);
  });

  it("serves two optimizers of the same weights, and averages of weights in the same step", async () => {
    const [w, average] = [tf.variable(tf.tensor1d(starts)), tf.variable(tf.zeros([10]))];
    const [a, b] = [tf.train.adam(0.1, beta1, beta2, epsilon), tf.train.adam(0, beta1, beta2, epsilon)];
    for (let i = 0; i < 4; i++) {
      a.minimize(halfSquare(w), false, [w]);
      b.minimize(halfSquare(w), false, [w]); // rate 0: moves nothing
    }
    const expected = reference(starts, (value) => value, [0.1, 0.1, 0.1, 0.1]);
    close(await w.data(), expected);
    const together = engine.step(() => {
      const loss = a.minimize(halfSquare(w), true, [w])!;
      average.assign(tf.add(tf.mul(average, 0.5), tf.mul(w, 0.5)));
      return loss;
    });
    for (let i = 0; i < 4; i++) together().dispose();
    let mean = starts.map(() => 0);
    for (let i = 5; i <= 8; i++) {
      const now = reference(starts, (value) => value, Array.from({ length: i }, () => 0.1));
      mean = mean.map((value, at) => value / 2 + now[at] / 2);
    }
    close(await average.data(), mean);
    tf.dispose([w, average]);
  });

  it("hands weights to and fro between two optimizers that share some, replayed as recorded", async () => {
    const train = async (wrap: (f: () => Tensor) => () => Tensor): Promise<ArrayLike<number>> => {
      const [shared, own] = [tf.variable(tf.tensor1d(starts)), tf.variable(tf.tensor1d([5, 6, 7]))];
      const [both, one] = [tf.train.adam(0.1, beta1, beta2, epsilon), tf.train.adam(0.05, beta1, beta2, epsilon)];
      const first = wrap(() => both.minimize(() => halfSquare(shared)().add(halfSquare(own)()), true, [shared, own])!);
      const second = wrap(() => one.minimize(() => tf.sum(tf.square(tf.sub(shared, 2))) as Scalar, true, [shared])!);
      for (let i = 0; i < 8; i++) tf.dispose([first(), second()]);
      const result = await shared.data();
      tf.dispose([shared, own]);
      return result;
    };
    assert.deepEqual(await train((f) => engine.step(f)), await train((f) => f));
    assert.ok(engine.describe().counters!.stepsReplayed > 0);
  });

  it("adds up gradients over calls and applies them once", async () => {
    const w = tf.variable(tf.tensor1d(starts));
    const optimizer = tf.train.adam(0.1, beta1, beta2, epsilon);
    for (let i = 0; i < 3; i++) {
      const [one, two] = [0, 1].map(() => tf.variableGrads(halfSquare(w), [w]));
      const sum = tf.tidy(() => tf.mul(tf.add(one.grads[w.name], two.grads[w.name]), 0.5));
      await sum.data();
      optimizer.applyGradients([{ name: w.name, tensor: sum }]);
      tf.dispose([one.value, two.value, one.grads, two.grads, sum]);
    }
    close(await w.data(), reference(starts, (value) => value, [0.1, 0.1, 0.1]));
    w.dispose();
  });

  for (const decay of [0, 0.1])
    it(`gives to the last bit what Adam inside the graph gives${decay ? ", with decaying weights" : ""}`, async () => {
    const random = seededRandom("bits");
    const numbers = Float32Array.from({ length: 40_000 }, () => random.normal());
    const outside = (): number => engine.describe().counters!.updatesOutsideGraph;
    const train = async (inGraph: boolean): Promise<ArrayLike<number>> => {
      const before = outside();
      const [w, copy] = [tf.variable(tf.tensor1d(numbers)), tf.variable(tf.zeros([40_000]))];
      const optimizer = decay ? adamW(tf, { learningRate: 0.01, weightDecay: decay }) : tf.train.adam(0.01);
      const once = engine.step(() => {
        const loss = optimizer.minimize(() => tf.mean(tf.square(tf.sin(w))) as Scalar, true, [w])!;
        if (inGraph) copy.assign(tf.mul(w, 1)); // new weights that are wanted at once
        return loss;
      });
      for (let i = 0; i < 8; i++) once().dispose();
      const result = await w.data();
      tf.dispose([w, copy]);
      assert.equal(outside() > before, !inGraph);
      return result;
    };
    assert.deepEqual(await train(true), await train(false));
  });
});
