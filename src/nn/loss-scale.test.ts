import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Scalar, Tensor1D } from "@tensorflow/tfjs";
import { openEngine, type Engine } from "../engine/index.js";
import { LossScale } from "./loss-scale.js";

describe("LossScale", () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine({ prefer: "ort", precision: "float16", threads: 1 });
  });
  after(() => engine.close());
  const state = (scale: LossScale) => Promise.all(scale.variables.map(async ({ variable }) => (await variable.data())[0]));

  it("keeps gradients that float16 alone loses", async () => {
    const { tf } = engine;
    const w = tf.variable(tf.ones([1, 1]));
    // d/dw of 1e-9 · (1 · w): the product's gradient 1e-9 is 0 in float16, whose smallest number is 6e-8.
    const loss = () => tf.mul(tf.sum(tf.matMul(tf.ones([1, 1]), w)), 1e-9) as Scalar;
    const plain = tf.variableGrads(loss).grads[w.name];
    assert.equal((await plain.data())[0], 0);
    const scale = new LossScale(tf);
    const { value, grads } = scale.gradients(loss);
    assert.ok(Math.abs((await grads[w.name].data())[0] - 1e-9) < 1e-12);
    assert.ok(Math.abs((await value.data())[0] - 1e-9) < 1e-12);
    scale.dispose();
    w.dispose();
  });

  it("halves where a gradient overflows, gives zeros there, grows again, and leaves no tensors behind", async () => {
    const { tf } = engine;
    const w = tf.variable(tf.tensor1d([1, 2]));
    const scale = new LossScale(tf, { initial: 4, growAfter: 2 });
    const step = engine.step((x: Tensor1D) => {
      const { value, grads } = scale.gradients(() => tf.sum(tf.mul(w, x)) as Scalar);
      return [value, grads[w.name]];
    });
    const seen: unknown[] = [];
    let tensors = 0;
    for (const [i, number] of [3, 3, Infinity, 5, 5, 5, 5].entries()) {
      const x = tf.tensor1d([number, number]);
      const [value, gradient] = step(x);
      seen.push([...(await gradient.data()), ...(await state(scale))]);
      tf.dispose([x, value, gradient]);
      if (i === 1) tensors = tf.memory().numTensors;
    }
    assert.equal(tf.memory().numTensors, tensors);
    assert.deepEqual(seen, [
      [3, 3, 4, 1],
      [3, 3, 8, 0],
      [0, 0, 4, 0],
      [5, 5, 4, 1],
      [5, 5, 8, 0],
      [5, 5, 8, 1],
      [5, 5, 16, 0],
    ]);
    scale.dispose();
    w.dispose();
  });
});
