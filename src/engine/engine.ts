import type * as tfjs from "@tensorflow/tfjs";

/** The TensorFlow.js namespace as an engine hands it out. */
export type TensorFlow = typeof tfjs;

/** The names an engine can be asked for by; DESIGN's table says what runs behind each. */
export type EngineName = "ort" | "ort-cuda" | "webgpu" | "ort-webgpu" | "tensorflow-gpu" | "tensorflow" | "wasm";

/** TensorFlow.js with the backend that was found or asked for. */
export interface Engine {
  readonly name: EngineName;
  readonly tf: TensorFlow;
  /** What runs the kernels, and why this one was taken. */
  describe(): EngineDescription;
  /** Frees the backend and every tensor on it; the engine cannot be used afterwards. */
  close(): Promise<void>;
}

export interface EngineDescription {
  readonly name: EngineName;
  /** `wasm SIMD, 1 thread`, `NVIDIA H100, CUDA 12.8` … */
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Why this engine, in a sentence a user understands. */
  readonly reason: string;
  /** What the engine counted so far, where it counts: compiled graphs, kernels run elsewhere … */
  readonly counters?: Readonly<Record<string, number>>;
}
