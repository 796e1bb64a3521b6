import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Device } from "./dawn.js";
import { withHonestReads, type WebgpuBackend } from "./honest-reads.js";

class GPUOutOfMemoryError extends Error {}

/** A GPU whose reads and mishaps the test decides. */
function fake(read: () => Promise<Float32Array> = async () => Float32Array.of(1)) {
  let lose!: (how: { reason: string; message: string }) => void;
  const device: Device = { onuncapturederror: null, lost: new Promise((resolve) => (lose = resolve)), destroy: () => {} };
  const upstream = { read, readSync: () => Float32Array.of(2), tensorMap: new Map([["held", { values: new Float32Array(1), dtype: "float32" }]]) };
  const backend = withHonestReads(upstream as unknown as WebgpuBackend, device);
  const silenced: true[] = [];
  const refuse = (error: Error): void => device.onuncapturederror!({ error, preventDefault: () => void silenced.push(true) });
  return { read: () => backend.read({}), readSync: (id: string) => backend.readSync(id as unknown as object), lose, refuse, silenced };
}

describe("reads from a GPU", () => {
  it("say that its memory is full, once, by the first of the mishaps that follow", async () => {
    const gpu = fake();
    gpu.refuse(new GPUOutOfMemoryError("vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY\n - While calling [Device].CreateBuffer"));
    gpu.refuse(new Error("[Invalid Buffer] is invalid due to a previous error."));
    await assert.rejects(gpu.read(), {
      code: "gpu-out-of-memory",
      message:
        "The GPU has not enough memory: vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY. Use smaller batches or images, free what tf.tidy does not, or take another engine.",
    });
    assert.equal(gpu.silenced.length, 2);
    assert.deepEqual([...((await gpu.read()) as Float32Array)], [1]);
  });

  it("say so too when one tensor is larger than any buffer", async () => {
    const gpu = fake();
    gpu.refuse(new Error("Buffer size (2000000000) exceeds the max buffer size limit (1073741824).\n - While calling [Device].CreateBuffer"));
    await assert.rejects(gpu.read(), { code: "gpu-out-of-memory", message: /Buffer size \(2000000000\) exceeds .* \(1073741824\)\. Use smaller/ });
  });

  it("say what else was refused", async () => {
    const gpu = fake();
    gpu.refuse(new Error("Invalid BindGroup"));
    await assert.rejects(gpu.read(), { code: "gpu-refused", message: "The GPU refused an operation: Invalid BindGroup. Take another engine, and please report this." });
  });

  it("end with the reason when the GPU is lost while they wait, and ever after", async () => {
    const gpu = fake(() => new Promise(() => {}));
    const waiting = gpu.read();
    gpu.lose({ reason: "unknown", message: "The driver was reset." });
    const lost = { code: "gpu-lost", message: "The GPU was lost: The driver was reset. All tensors on it are gone: start again from the last checkpoint." };
    await assert.rejects(waiting, lost);
    await assert.rejects(gpu.read(), lost);
  });

  it("name the loss when it is told after the read has failed by it", async () => {
    const gpu = fake(() => Promise.reject(new Error("AbortError: mapping was cancelled")));
    const failing = gpu.read();
    gpu.lose({ reason: "unknown", message: "" });
    await assert.rejects(failing, { code: "gpu-lost", message: /^The GPU was lost: no reason given\./ });
    await assert.rejects(fake(() => Promise.reject(new Error("other"))).read(), { message: "other" });
  });

  it("end when the engine is closed meanwhile", async () => {
    const gpu = fake(() => new Promise(() => {}));
    const waiting = gpu.read();
    gpu.lose({ reason: "destroyed", message: "" });
    await assert.rejects(waiting, /closed before the tensor was read/);
  });

  it("are refused at once where numbers would have to be waited for", () => {
    const gpu = fake();
    assert.deepEqual([...(gpu.readSync("held") as Float32Array)], [2]);
    assert.throws(() => gpu.readSync("other"), /cannot read a tensor synchronously: write await t\.data\(\)/);
  });
});
