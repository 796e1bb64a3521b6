import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs";
import { openEngine, type Engine } from "../engine/index.js";
import { GradientSum } from "./gradient-sum.js";
import type { TensorFlow } from "./tensorflow.js";
import { WeightAverage } from "./weight-average.js";

let engine: Engine;
let tf: TensorFlow;
before(async () => {
  engine = await openEngine({ threads: 1 });
  ({ tf } = engine);
});
after(() => engine.close());

describe("WeightAverage", () => {
  const numbers = async (x: { data(): Promise<ArrayLike<number>> }): Promise<number[]> => Array.from(await x.data());

  it("follows the weights as the formula says, and stands in for them only for a while", async () => {
    const variable = tf.variable(tf.tensor1d([0, 1]));
    const average = new WeightAverage(tf, [{ name: "w", variable }], 0.25);
    let expected = [0, 1];
    for (let t = 0; t < 6; t++) {
      const now = [t + 1, (t + 1) ** 2];
      tf.tidy(() => variable.assign(tf.tensor1d(now)));
      average.update();
      const decay = Math.min(0.25, (1 + t) / (10 + t));
      expected = expected.map((value, i) => decay * value + (1 - decay) * now[i]);
    }
    const seen = await average.during(() => numbers(variable));
    for (const [i, value] of expected.entries()) assert.ok(Math.abs(seen[i] - value) < 1e-5, `${seen[i]}, by hand ${value}`);
    assert.deepEqual(await numbers(variable), [6, 36]);
    await assert.rejects(average.during(() => Promise.reject(new Error("no"))), /no/);
    assert.deepEqual(await numbers(variable), [6, 36]);
    average.dispose();
    variable.dispose();
  });

  it("goes on from what was saved as if it had never stopped, and leaves no tensors", async () => {
    const tensors = tf.memory().numTensors;
    const variable = tf.tidy(() => tf.variable(tf.ones([2, 2])));
    const named = [{ name: "w", variable }];
    const [whole, first] = [new WeightAverage(tf, named, 0.9), new WeightAverage(tf, named, 0.9)];
    const step = (average: WeightAverage, value: number): void => {
      tf.tidy(() => variable.assign(tf.mul(tf.ones([2, 2]), value)));
      average.update();
    };
    for (let t = 0; t < 3; t++) for (const average of [whole, first]) step(average, t);
    const resumed = new WeightAverage(tf, named, 0.9);
    resumed.load(await first.save(), "saved");
    for (let t = 3; t < 6; t++) for (const average of [whole, resumed]) step(average, t);
    assert.deepEqual(await resumed.during(() => numbers(variable)), await whole.during(() => numbers(variable)));
    for (const each of [whole, first, resumed, variable]) each.dispose();
    assert.equal(tf.memory().numTensors, tensors);
  });

  it("counts on in a replayed step", async () => {
    const variable = tf.variable(tf.tensor1d([0, 1]));
    const average = new WeightAverage(tf, [{ name: "w", variable }], 0.999);
    const step = engine.step((by: Tensor1D) => {
      variable.assign(variable.add(by));
      average.update();
    });
    const before = engine.describe().counters!.stepsReplayed;
    let [now, expected] = [[0, 1], [0, 1]];
    for (let t = 0; t < 7; t++) {
      const by = tf.tensor1d([t, 1]);
      step(by);
      by.dispose();
      now = [now[0] + t, now[1] + 1];
      expected = expected.map((value, i) => ((1 + t) / (10 + t)) * value + (9 / (10 + t)) * now[i]);
    }
    assert.ok(engine.describe().counters!.stepsReplayed - before >= 4);
    const seen = await average.during(() => numbers(variable));
    for (const [i, value] of expected.entries()) assert.ok(Math.abs(seen[i] - value) < 1e-5, `${seen[i]}, by hand ${value}`);
    tf.dispose(variable);
    average.dispose();
  });
});

describe("GradientSum", () => {
  it("gives the gradient of the whole batch from its parts, and leaves no tensors", async () => {
    const w = tf.variable(tf.tensor1d([1, -2]));
    const x = tf.tensor2d(Array.from({ length: 12 }, (_, i) => Math.sin(i)), [6, 2]);
    const gradientsOf = (rows: Tensor2D) => {
      const { value, grads } = tf.variableGrads(() => tf.mean(tf.square(tf.sub(tf.dot(rows, w), 1))) as Scalar, [w]);
      value.dispose();
      return grads;
    };
    const tensors = tf.memory().numTensors;
    const sum = new GradientSum(tf);
    assert.throws(() => sum.mean(), /no gradients were added/);
    for (let round = 0; round < 2; round++) {
      const whole = gradientsOf(x);
      for (let part = 0; part < 3; part++) {
        const rows = tf.slice(x, [2 * part, 0], [2, 2]);
        sum.add(gradientsOf(rows));
        rows.dispose();
      }
      const mean = sum.mean();
      const [expected, actual] = [await whole[w.name].data(), await mean[w.name].data()];
      for (const [i, value] of expected.entries()) assert.ok(Math.abs(actual[i] - value) < 1e-6, `${actual[i]}, whole batch ${value}`);
      tf.dispose([whole, mean] as never);
    }
    assert.equal(tf.memory().numTensors, tensors);
    tf.dispose([w, x]);
  });

  it("makes one replayed step of several small batches", async () => {
    const w = tf.variable(tf.tensor1d([1, -2]));
    const optimizer = tf.train.sgd(0.1);
    const step = engine.step((x: Tensor2D): Scalar => {
      const sum = new GradientSum(tf);
      const losses = [0, 1, 2].map((part) => {
        const rows = tf.slice(x, [2 * part, 0], [2, 2]);
        const { value, grads } = tf.variableGrads(() => tf.mean(tf.square(tf.sub(tf.dot(rows, w), 1))) as Scalar, [w]);
        sum.add(grads);
        return value;
      });
      optimizer.applyGradients(sum.mean());
      return tf.addN(losses).div(3);
    });
    const before = engine.describe().counters!.stepsReplayed;
    let expected = [1, -2];
    for (let t = 0; t < 5; t++) {
      const rows = Array.from({ length: 6 }, (_, i) => [Math.sin(2 * i + t), Math.cos(i - t)]);
      const x = tf.tensor2d(rows);
      step(x).dispose();
      x.dispose();
      const errors = rows.map(([a, b]) => a * expected[0] + b * expected[1] - 1);
      expected = expected.map((value, i) => value - (0.1 * 2 * rows.reduce((total, row, n) => total + errors[n] * row[i], 0)) / 6);
    }
    assert.ok(engine.describe().counters!.stepsReplayed > before);
    const values = await w.data();
    for (const [i, value] of expected.entries()) assert.ok(Math.abs(values[i] - value) < 1e-5, `${values[i]}, by hand ${value}`);
    tf.dispose(w);
  });
});
