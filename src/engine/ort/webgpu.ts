import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Availability, Backend, RunningBackend, StartOptions } from "../backend.js";
import type { TensorFlow } from "../engine.js";
import { EngineUnavailable } from "../errors.js";
import { noWebgpu } from "../missing-gpu.js";
import { startLazy } from "./backend.js";

/**
 * The lazy backend on ONNX Runtime's WebGPU provider: any GPU with Vulkan, Metal or Direct3D 12. Operators that the
 * provider lacks run on the processor.
 */
export const ortWebgpuBackend: Backend = {
  name: "ort-webgpu",
  precisions: ["float16"],
  probe,
  start,
};

/** Multiplies two numbers on the GPU in a process of its own: drivers write to stderr, and a broken one ends the process. */
function probe(): Promise<Availability> {
  return new Promise((resolve) => {
    execFile(process.execPath, [fileURLToPath(new URL("webgpu-probe.js", import.meta.url))], { timeout: 20_000 }, (error, stdout) => {
      if (error === null && stdout.trim() === "6") resolve({ available: true, device: "GPU through WebGPU (ONNX Runtime)" });
      else resolve(noWebgpu);
    });
  });
}

async function start(tf: TensorFlow, { threads = availableParallelism(), precision }: StartOptions): Promise<RunningBackend> {
  const running = await startLazy(tf, { name: "ort-webgpu", provider: "webgpu", threads, half: precision === "float16" ? precision : undefined });
  if (precision !== "float16") return running;
  const product = tf.matMul(tf.ones([8, 8]), tf.ones([8, 8]));
  try {
    await product.data();
  } catch (error) {
    await running.close();
    const why = `this GPU or its driver cannot compute in float16 (${(error as Error).message.split("\n")[0]})`;
    throw new EngineUnavailable("ort-webgpu", why, "Leave precision out.");
  }
  product.dispose();
  return running;
}
