import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { engineCases } from "../cases/engine.cases.js";
import type { Engine } from "../engine.js";
import { openEngine } from "../open.js";
import { nativeRuntime } from "./native-runtime.js";
import { publicRuntime } from "./public-runtime.js";
import { runtimeCases } from "./runtime.cases.js";

runtimeCases("the native addon, synchronous", nativeRuntime);
runtimeCases("the public interface, asynchronous", publicRuntime);

const open = (): Promise<Engine> => openEngine({ prefer: "ort", runs: "asynchronous", threads: 1 });

engineCases("ort, asynchronous runs", open);

describe("ort, asynchronous runs, beside the cases", () => {
  let engine: Engine;
  before(async () => {
    engine = await open();
  });
  after(() => engine.close());

  it("says what to do where numbers are asked for at once", async () => {
    const { tf } = engine;
    assert.deepEqual([...tf.tensor1d([1, 2]).dataSync()], [1, 2]); // JavaScript made them
    const sum = tf.sum(tf.ones([3]));
    assert.throws(() => sum.dataSync(), /await t\.data\(\), not dataSync/);
    assert.deepEqual([...(await sum.data())], [3]);
    assert.deepEqual([...sum.dataSync()], [3]);
  });

  it("tells of a failed run where its tensors, and what follows from them, are read", async () => {
    const { tf } = engine;
    const rows = tf.gather(tf.ones([3, 20]), tf.tensor1d([7], "int32"));
    const twice = tf.mul(rows, 2);
    await assert.rejects(twice.data(), /could not compute a recorded step.*out of (data )?bounds/is);
    await assert.rejects(tf.mul(twice, 2).data(), /out of (data )?bounds/is);
    assert.deepEqual([...(await tf.sum(tf.ones([20])).data())], [20]);
  });

  it("reads a variable as it was when it was asked for, while later steps wait", async () => {
    const { tf } = engine;
    const w = tf.variable(tf.scalar(1));
    const reads: Promise<Float32Array>[] = [];
    for (let step = 0; step < 4; step++) {
      reads.push(w.data<"float32">());
      w.assign(tf.mul(w, 2));
    }
    assert.deepEqual((await Promise.all(reads)).map(([value]) => value), [1, 2, 4, 8]);
    assert.equal((await w.data())[0], 16);
    w.dispose();
  });
});
