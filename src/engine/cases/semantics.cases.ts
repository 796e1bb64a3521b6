import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Scalar, Tensor } from "@tensorflow/tfjs";
import type { Engine } from "../engine.js";

/** What must hold beside gradients: types, empty tensors, changing shapes, errors, freeing. */
export function semanticsCases(engine: () => Engine): void {
  describe("semantics", () => {
    it("mixes int, bool and float as TensorFlow.js promises", async () => {
      const { tf } = engine();
      const whole = tf.tensor1d([1, 2, 3], "int32");
      const truth = tf.tensor1d([true, false, true], "bool");
      const sum = tf.add(whole, tf.scalar(0.5));
      assert.equal(sum.dtype, "float32");
      assert.deepEqual(Array.from(await sum.data()), [1.5, 2.5, 3.5]);
      const count = tf.sum(truth);
      assert.equal(count.dtype, "int32");
      assert.deepEqual(Array.from(await count.data()), [2]);
      assert.deepEqual(Array.from(await tf.mul(whole, tf.cast(truth, "int32")).data()), [1, 0, 3]);
      assert.deepEqual(Array.from(await tf.floorDiv(tf.tensor1d([7, -7], "int32"), tf.scalar(2, "int32")).data()), [3, -4]);
      assert.deepEqual(Array.from(await tf.cast(tf.tensor1d([1.7, -1.7]), "int32").data()), [1, -1]);
      assert.deepEqual(Array.from(await tf.logicalAnd(truth, tf.tensor1d([true, true, false], "bool")).data()), [1, 0, 0]);
      assert.deepEqual(
        Array.from(
          await tf
            .argMax(
              tf.tensor2d([
                [1, 5, 2],
                [9, 0, 3],
              ]),
              1,
            )
            .data(),
        ),
        [1, 0],
      );
    });

    it("handles empty tensors", async () => {
      const { tf } = engine();
      assert.deepEqual(tf.concat([tf.zeros([0, 3]), tf.ones([2, 3])], 0).shape, [2, 3]);
      assert.deepEqual(Array.from(await tf.sum(tf.zeros([0, 3]), 0).data()), [0, 0, 0]);
      assert.deepEqual(Array.from(await tf.add(tf.zeros([0]), 1).data()), []);
      assert.deepEqual(tf.matMul(tf.zeros([0, 4]), tf.zeros([4, 2])).shape, [0, 2]);
    });

    it("handles every rank from 0 to 6", async () => {
      const { tf } = engine();
      for (let rank = 0; rank <= 6; rank++) {
        const x = tf.ones(Array.from({ length: rank }, () => 2));
        const y = tf.mul(tf.add(x, x), tf.scalar(3));
        assert.deepEqual(y.shape, x.shape);
        assert.ok((await y.data()).every((value) => value === 6));
      }
    });

    it("multiplies by the same data seen in two shapes", async () => {
      const { tf } = engine();
      const data = tf.tensor1d(Array.from({ length: 512 }, (_, i) => i % 2));
      const tall = tf.matMul(tf.ones([1, 128]), data.reshape([128, 4]));
      const wide = tf.matMul(tf.ones([3, 4]), data.reshape([4, 128]));
      const fused = tf.fused.matMul({ a: tf.ones([1, 8]), b: data.reshape([8, 64]), activation: "relu" });
      const again = tf.matMul(tf.ones([1, 128]), data.reshape([1, 128, 4]));
      assert.deepEqual(Array.from(await tall.data()), [0, 128, 0, 128]);
      assert.deepEqual(Array.from(await again.data()), [0, 128, 0, 128]);
      assert.deepEqual(wide.shape, [3, 128]);
      assert.ok((await wide.data()).every((value, i) => value === 4 * (i % 2)));
      assert.ok((await fused.data()).every((value, i) => value === 8 * (i % 2)));
    });

    it("differentiates a table added to every image's patches, step after step", async () => {
      const { tf } = engine();
      const weight = tf.variable(tf.ones([12, 32]));
      const table = tf.variable(tf.ones([8, 8, 32]));
      const patches = tf.ones([8 * 8 * 8, 12]);
      for (let step = 0; step < 4; step++) {
        const { value, grads } = tf.variableGrads(
          () => tf.matMul(patches, weight).reshape([8, 8, 8, 32]).add(table.reshape([1, 8, 8, 32])).sum().asScalar(),
          [weight, table],
        );
        assert.equal((await value.data())[0], 8 * 8 * 8 * 32 * 13);
        assert.ok((await grads[weight.name].data()).every((slope) => slope === 512)); // one for each patch
        assert.ok((await grads[table.name].data()).every((slope) => slope === 8)); //     one for each image
        tf.dispose([value, grads]);
      }
      tf.dispose([weight, table, patches]);
    });

    it("follows shapes that change from call to call", async () => {
      const { tf } = engine();
      for (const rows of [3, 5, 1, 3, 8]) {
        const x = tf.tidy(() => tf.sum(tf.square(tf.ones([rows, 4]))));
        assert.deepEqual(Array.from(await x.data()), [rows * 4]);
        x.dispose();
      }
    });

    it("reports a shape that does not fit where the operation is called, and goes on working", async () => {
      const { tf } = engine();
      assert.throws(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3])), /inner shapes/i);
      assert.throws(() => tf.add(tf.ones([2]), tf.ones([3])), /shape/i);
      assert.deepEqual(Array.from(await tf.add(tf.ones([2]), 1).data()), [2, 2]);
    });

    it("frees what tidy and dispose free", async () => {
      const { tf } = engine();
      const before = tf.memory();
      const backend = tf.backend();
      const buffers = backend.numDataIds();
      const kept = tf.tidy(() => {
        const x = tf.randomNormal([64, 64], 0, 1, "float32", 1);
        return tf.sum(tf.relu(tf.matMul(x, x)));
      });
      await kept.data();
      assert.equal(tf.memory().numTensors, before.numTensors + 1);
      kept.dispose();
      assert.equal(tf.memory().numTensors, before.numTensors);
      assert.equal(backend.numDataIds(), buffers);
    });

    it("reads slices, strides and views of the same data", async () => {
      const { tf } = engine();
      const x = tf.range(0, 24).reshape([2, 3, 4]);
      assert.deepEqual(Array.from(await x.slice([1, 0, 2], [1, 3, 1]).data()), [14, 18, 22]);
      assert.deepEqual(Array.from(await tf.stridedSlice(x, [0, 2, 3], [2, 0, -5], [1, -1, -2]).data()), [11, 9, 7, 5, 23, 21, 19, 17]);
      const y = x.reshape([6, 4]);
      x.dispose();
      assert.deepEqual(Array.from(await y.gather([5], 0).data()), [20, 21, 22, 23]);
    });

    it("assigns variables without changing what was computed before", async () => {
      const { tf } = engine();
      const v = tf.variable(tf.tensor1d([1, 2]));
      const doubled = tf.mul(v, 2);
      v.assign(tf.tensor1d([10, 20]));
      assert.deepEqual(Array.from(await doubled.data()), [2, 4]);
      assert.deepEqual(Array.from(await v.data()), [10, 20]);
      v.dispose();
    });

    it("carries NaN and infinity", async () => {
      const { tf } = engine();
      const x = tf.tensor1d([NaN, Infinity, -Infinity, -1]);
      assert.deepEqual(Array.from(await tf.isNaN(x).data()), [1, 0, 0, 0]);
      assert.deepEqual(Array.from(await tf.isInf(x).data()), [0, 1, 1, 0]);
      const relu = Array.from(await tf.relu(x).data());
      assert.deepEqual(relu.slice(1), [Infinity, 0, 0]);
      assert.ok(Number.isNaN((await tf.sqrt(x).data())[3]));
    });

    it("differentiates a chain of two thousand operations", async () => {
      const { tf } = engine();
      const w = tf.variable(tf.tensor1d([0.5, 0.25]));
      const { value, grads } = tf.variableGrads(() => {
        let y: Tensor = w;
        for (let i = 0; i < 1000; i++) y = tf.add(tf.mul(y, 0.999), 0.001);
        return tf.sum(y) as Scalar;
      }, [w]);
      // y − 1 shrinks by 0.999 a time, and so does the gradient.
      const share = 0.999 ** 1000;
      assert.ok(Math.abs((await value.data())[0] - (2 - (0.5 + 0.75) * share)) < 1e-4);
      for (const gradient of await grads[w.name].data()) assert.ok(Math.abs(gradient - share) < 1e-4);
      tf.dispose([value, ...Object.values(grads), w]);
    });

    it("holds strings", async () => {
      const { tf } = engine();
      assert.deepEqual(await tf.tensor1d(["fan", "pump"]).data<"string">(), ["fan", "pump"]);
    });
  });
}
