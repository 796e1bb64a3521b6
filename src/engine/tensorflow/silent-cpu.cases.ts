import assert from "node:assert/strict";
import { it } from "node:test";
import { loadTensorFlow } from "../tfjs.js";
import { findAddon } from "./addon.js";
import { tensorflowBackend } from "./backend.js";

// Run by tests/interop/tensorflow.test.mjs: a libtensorflow without CUDA stands in for one that does not find it.
it("refuses tensorflow-gpu where libtensorflow would compute on the processor", async () => {
  const backend = tensorflowBackend("tensorflow-gpu", { resolve: () => findAddon("tensorflow")!.main, hasNvidiaGpu: async () => true });
  assert.equal((await backend.probe()).available, true);
  await assert.rejects(backend.start(await loadTensorFlow(), {}), /Engine "tensorflow-gpu": .* would compute on the processor\. Install the CUDA/);
});
