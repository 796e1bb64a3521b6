import type { Backend } from "./backend.js";
import { ortCudaBackend } from "./cuda/backend.js";
import { ortBackend } from "./ort/backend.js";
import { ortWebgpuBackend } from "./ort/webgpu.js";
import { tensorflowBackend } from "./tensorflow/backend.js";
import { wasmBackend } from "./wasm/backend.js";
import { webgpuBackend } from "./webgpu/backend.js";

/**
 * Every engine, fastest first: the order in which `"auto"` looks. WebGPU and CUDA through ONNX Runtime stand last until they
 * have been measured on real GPUs: today they copy all weights to the processor and back at every step.
 */
export const backends: readonly Backend[] = [
  tensorflowBackend("tensorflow-gpu"),
  ortBackend,
  tensorflowBackend("tensorflow"),
  wasmBackend,
  ortWebgpuBackend,
  ortCudaBackend(),
  webgpuBackend(),
];
