import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Availability, Backend } from "../backend.js";
import { startLazy } from "./backend.js";

/**
 * The lazy backend on ONNX Runtime's WebGPU provider: any GPU with Vulkan, Metal or Direct3D 12. Operators that the
 * provider lacks run on the processor.
 */
export const ortWebgpuBackend: Backend = {
  name: "ort-webgpu",
  probe,
  start: (tf, { threads = availableParallelism() }) => startLazy(tf, { name: "ort-webgpu", provider: "webgpu", threads }),
};

/** Multiplies two numbers on the GPU in a process of its own: drivers write to stderr, and a broken one ends the process. */
function probe(): Promise<Availability> {
  return new Promise((resolve) => {
    execFile(process.execPath, [fileURLToPath(new URL("webgpu-probe.js", import.meta.url))], { timeout: 20_000 }, (error, stdout) => {
      if (error === null && stdout.trim() === "6") resolve({ available: true, device: "GPU through WebGPU (ONNX Runtime)" });
      else {
        const remedy = "It needs a GPU and its driver: on Linux Vulkan (libvulkan1 and the vendor's driver), else Metal or Direct3D 12.";
        resolve({ available: false, why: "no GPU answers through WebGPU", remedy });
      }
    });
  });
}
