import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { engineCases } from "../cases/engine.cases.js";
import { openEngine } from "../open.js";

// Run by webgpu.test.ts in a process that finds a Vulkan driver; on a real GPU: FOLIO_ALL_CASES=1 node --test dist/engine/webgpu/webgpu.cases.js
const open = () => openEngine({ prefer: "webgpu" });

engineCases("webgpu", open, process.env.FOLIO_ALL_CASES === "1" ? "all" : "table");

describe("webgpu, a tensor that does not fit", () => {
  it("is an error when it is read, and the next one is right", async () => {
    const { tf, close, describe: described } = await open();
    const huge = tf.tile(tf.ones([2 ** 17]), [2 ** 17]); // 64 GB
    await assert.rejects(tf.slice(huge, [0], [1]).data(), { code: "gpu-out-of-memory" });
    assert.deepEqual([...(await tf.add(tf.ones([2]), 1).data())], [2, 2]);
    assert.equal(described().state, "on the GPU");
    await close();
  });
});
