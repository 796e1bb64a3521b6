import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Tensor4D } from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import { seededRandom, UsageError } from "../../core/index.js";
import { EngineUnavailable } from "../errors.js";
import type { Engine, TensorFlow } from "../engine.js";
import { openEngine } from "../open.js";

describe("exportOnnx", () => {
  let engine: Engine;
  let tf: TensorFlow;
  before(async () => {
    engine = await openEngine({ prefer: "ort", threads: 1 });
    ({ tf } = engine);
  });
  after(() => engine.close());

  const drawn = (shape: number[], stream: string) => {
    const random = seededRandom(4).stream(stream);
    return tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()), shape);
  };

  it("writes a model that ONNX Runtime opens with its own optimisations and computes the same with", async () => {
    const weights = new Map([
      ["conv.weight", drawn([3, 3, 2, 5], "w")],
      ["conv.bias", drawn([5], "b")],
      ["head.weight", drawn([5, 4], "h")],
      ["never", drawn([2], "n")],
    ]);
    const x = drawn([2, 9, 7, 2], "x") as Tensor4D;
    const forward = () => {
      const features = tf.conv2d(x, weights.get("conv.weight") as Tensor4D, 2, "same").add(weights.get("conv.bias")!).relu();
      const pooled = features.mean([1, 2]);
      return { features, logits: tf.matMul(pooled as never, weights.get("head.weight") as never) };
    };
    const before = tf.memory().numTensors;
    const { model, unused } = await engine.exportOnnx({ forward, inputs: { x }, weights });
    assert.equal(tf.memory().numTensors, before);
    assert.deepEqual(unused, ["never"]);
    const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: "all" });
    assert.deepEqual([session.inputNames, session.outputNames], [["x"], ["features", "logits"]]);
    // Other numbers than those the function was recorded with.
    const other = drawn([2, 9, 7, 2], "other");
    const answer = await session.run({ x: new ort.Tensor("float32", (await other.data()) as Float32Array, [2, 9, 7, 2]) });
    await x.data();
    const expected = tf.tidy(() => {
      const features = tf.conv2d(other as Tensor4D, weights.get("conv.weight") as Tensor4D, 2, "same").add(weights.get("conv.bias")!).relu();
      return { features, logits: tf.matMul(features.mean([1, 2]) as never, weights.get("head.weight") as never) };
    });
    for (const name of ["features", "logits"] as const) {
      const [ours, theirs] = [await expected[name].data(), answer[name].data as Float32Array];
      assert.deepEqual(answer[name].dims, expected[name].shape);
      ours.forEach((value, i) => assert.ok(Math.abs(value - theirs[i]) < 1e-5, `${name}[${i}]: ${value} and ${theirs[i]}`));
    }
    await session.release();
  });

  it("stores filters as [out, in, height, width] under their names", async () => {
    const filter = drawn([3, 3, 2, 5], "w") as Tensor4D;
    const x = drawn([1, 16, 16, 2], "x") as Tensor4D;
    const { model } = await engine.exportOnnx({ forward: () => ({ y: tf.conv2d(x, filter, 1, "same") }), inputs: { x }, weights: new Map([["w.weight", filter]]) });
    const torch = (await filter.transpose([3, 2, 0, 1]).data()) as Float32Array;
    const bytes = Buffer.from(torch.buffer, torch.byteOffset, torch.byteLength);
    assert.ok(Buffer.from(model).includes(bytes), "the transposed filter is in the file");
    assert.ok(Buffer.from(model).includes("w.weight"));
  });

  it("says what cannot leave", async () => {
    const x = drawn([2, 2], "x");
    const reads = () => ({ y: x.add(x.sum().dataSync()[0]) });
    await assert.rejects(engine.exportOnnx({ forward: reads, inputs: { x }, weights: new Map() }), UsageError);
    const wasm = await openEngine({ prefer: "wasm" });
    await assert.rejects(wasm.exportOnnx({ forward: () => ({ y: x }), inputs: { x }, weights: new Map() }), EngineUnavailable);
    await wasm.close();
    await tf.setBackend("ort");
  });
});
