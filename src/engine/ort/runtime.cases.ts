import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Graph } from "./graph.js";
import { encodeModel } from "./onnx/model.js";
import type { Runtime } from "./runtime.js";

const float = (name: string, shape: readonly number[]) => ({ name, type: "float32" as const, shape });

/** x + y on [2, 3]. */
function sumModel(): Uint8Array {
  const graph = new Graph();
  const sum = graph.add("x", "y");
  return encodeModel(graph.finish([float("x", [2, 3]), float("y", [3])], [{ ...float("z", [2, 3]), source: sum }]));
}

/** What every way to call ONNX Runtime must do. */
export function runtimeCases(name: string, open: () => Promise<Runtime>): void {
  describe(name, () => {
    it("compiles a graph, runs it, and lets go of it", async () => {
      const runtime = await open();
      const session = runtime.compile(sumModel(), { threads: 1 });
      const feeds = {
        x: runtime.tensor("float32", Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
        y: runtime.tensor("float32", Float32Array.of(10, 20, 30), [3]),
      };
      const { z } = await session.run(feeds, { z: null });
      assert.deepEqual([...(z.data as Float32Array)], [11, 22, 33, 14, 25, 36]);
      assert.deepEqual([...z.dims], [2, 3]);
      session.dispose();
      await runtime.queue?.settled();
    });

    it("writes into the array it is given", async () => {
      const runtime = await open();
      const session = runtime.compile(sumModel(), { threads: 1 });
      const target = new Float32Array(6);
      const ones = runtime.tensor("float32", new Float32Array(6).fill(1), [2, 3]);
      const feeds = { x: ones, y: runtime.tensor("float32", new Float32Array(3), [3]) };
      await session.run(feeds, { z: runtime.tensor("float32", target, [2, 3]) });
      assert.deepEqual([...target], [1, 1, 1, 1, 1, 1]);
      session.dispose();
    });

    it("fails on a model that is none, and on inputs that do not fit", async () => {
      const runtime = await open();
      const x = runtime.tensor("float32", new Float32Array(4), [4]);
      await assert.rejects(async () => runtime.compile(Uint8Array.of(1, 2, 3), { threads: 1 }).run({ x }, { z: null }), /protobuf|model/i);
      const session = runtime.compile(sumModel(), { threads: 1 });
      await assert.rejects(async () => session.run({ x, y: x }, { z: null }), /dimension|rank/i);
      session.dispose();
    });
  });
}
