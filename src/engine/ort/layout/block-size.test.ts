import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Engine } from "../../engine.js";
import { engineCases } from "../../cases/engine.cases.js";
import { engineOn } from "../../open.js";
import { loadTensorFlow } from "../../tfjs.js";
import { startLazy } from "../backend.js";
import { nativeRuntime } from "../native-runtime.js";
import type { Runtime, Session } from "../runtime.js";
import { probeBlockSize } from "./block-size.js";

/** ONNX Runtime, but for what a processor without the blocked operators, or with others, would do. */
function otherwise(runtime: Runtime, change: (session: Session) => Session): Runtime {
  return { ...runtime, compile: (model, options) => change(runtime.compile(model, options)) };
}

async function natural(): Promise<Engine> {
  const tf = await loadTensorFlow();
  return engineOn(tf, "ort", await startLazy(tf, { threads: 1, images: "natural" }), "a test");
}

// What everyone gets whose processor has no blocked operators.
engineCases("ort, images as TensorFlow.js lays them out", natural);

describe("the probe for blocked operators", () => {
  it("finds blocks on x86, and nothing where the operators are missing", async () => {
    const runtime = await nativeRuntime();
    const block = await probeBlockSize(runtime);
    if (process.arch === "x64") assert.ok(block === 8 || block === 16, `block ${block}`);
    const refusing: Runtime = {
      ...runtime,
      compile: () => {
        throw new Error("com.microsoft.nchwc:Conv(-1) is not a registered function/op");
      },
    };
    assert.equal(await probeBlockSize(refusing), 0);
  });

  it("finds nothing where runs fail, or give other numbers than the sum by hand, even in the last place", async () => {
    const runtime = await nativeRuntime();
    const failing = otherwise(runtime, (session) => ({
      ...session,
      run: () => {
        throw new Error("illegal instruction");
      },
    }));
    assert.equal(await probeBlockSize(failing), 0);
    for (const output of ["y", "raw"]) {
      const wrong = otherwise(runtime, (session) => ({
        ...session,
        run: async (feeds, fetches) => {
          const computed = await session.run(feeds, fetches);
          const numbers = computed[output].data as Float32Array;
          numbers[numbers.length - 1] += 2 ** -16;
          return computed;
        },
      }));
      assert.equal(await probeBlockSize(wrong), 0, output);
    }
  });

  it("says in the engine's description whether images are in blocks", async () => {
    const tf = await loadTensorFlow();
    const blocked = await startLazy(tf, { threads: 1 });
    const block = await probeBlockSize(await nativeRuntime());
    assert.equal(/images in blocks of (\d+)/.exec(blocked.device)?.[1], block > 0 ? String(block) : undefined);
    await blocked.close();
    const plain = await natural();
    assert.doesNotMatch(plain.describe().device, /blocks/);
    await plain.close();
  });
});
