import { absentBackend } from "./absent.js";
import type { Backend } from "./backend.js";
import { ortBackend } from "./ort/backend.js";
import { ortWebgpuBackend } from "./ort/webgpu.js";
import { tensorflowBackend } from "./tensorflow/backend.js";
import { wasmBackend } from "./wasm/backend.js";

/**
 * Every engine, fastest first: the order in which `"auto"` looks. WebGPU stands last until it has been measured on real
 * GPUs: today it copies all weights to the processor and back at every step.
 */
export const backends: readonly Backend[] = [
  absentBackend("ort-cuda", 'On an NVIDIA GPU use "ort-webgpu", or "tensorflow-gpu" where CUDA 11.2 is installed.'),
  tensorflowBackend("tensorflow-gpu"),
  ortBackend,
  tensorflowBackend("tensorflow"),
  wasmBackend,
  ortWebgpuBackend,
  absentBackend("webgpu", 'Use "ort-webgpu", which runs whole compiled steps on the same GPUs.'),
];
