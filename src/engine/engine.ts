import type * as tfjs from "@tensorflow/tfjs";
import type { ExportedModel, OnnxExport } from "./onnx-export.js";
import type { MakeStep } from "./step.js";

/** The TensorFlow.js namespace as an engine hands it out. */
export type TensorFlow = typeof tfjs;

/** The names an engine can be asked for by; DESIGN's table says what runs behind each. */
export type EngineName = "ort" | "ort-cuda" | "webgpu" | "ort-webgpu" | "tensorflow-gpu" | "tensorflow" | "wasm";

/** TensorFlow.js with the backend that was found or asked for. */
export interface Engine {
  readonly name: EngineName;
  readonly tf: TensorFlow;
  /**
   * Wraps a step that is called many times; everything inside is tidied but what it returns. On `ort` the step runs
   * without its JavaScript from the third call on, as long as calls are alike, so **everything that changes from
   * call to call must be an argument or a variable**: batches, masks, weights of a schedule. An optimizer's learning
   * rate may change. Steps that read tensors or draw random numbers in JavaScript work too, without the speed.
   *
   * @example
   * const step = engine.step((x: Tensor, y: Tensor) => optimizer.minimize(() => loss(y, model.apply(x)), true)!);
   * for (const [x, y] of batches) console.log((await step(x, y).data())[0]);
   */
  readonly step: MakeStep;
  /**
   * A function and its weights as an ONNX model that other runtimes open. Only the engine `ort` knows graphs.
   *
   * Convolution filters leave as [out, in, height, width]; images stay [batch, height, width, channel] unless the
   * function transposes. Every shape is fixed, the batch's too.
   *
   * @throws EngineUnavailable on another engine
   * @throws UsageError when the function reads a tensor or uses a kernel that ONNX does not have
   * @example
   * const x = tf.zeros([1, 64, 64, 1]);
   * const { model } = await engine.exportOnnx({ forward: ({ x }) => ({ logits: unet(tf, x, weights) }), inputs: { x }, weights: named });
   * await writeFile("unet.onnx", model);
   */
  exportOnnx(what: OnnxExport): Promise<ExportedModel>;
  /** What runs the kernels, and why this one was taken. */
  describe(): EngineDescription;
  /** Frees the backend and every tensor on it; the engine cannot be used afterwards. */
  close(): Promise<void>;
}

/** On the GPU nothing but batches and results travels; copied, all weights do, twice a step. */
export type StateLocation = "on the processor" | "on the GPU" | "on the processor, copied to the GPU and back at every step";

export interface EngineDescription {
  readonly name: EngineName;
  /** `wasm SIMD, 1 thread`, `NVIDIA H100, CUDA 12.8` … */
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Where weights and an optimizer's numbers are between two steps. */
  readonly state: StateLocation;
  /** Why this engine, in a sentence a user understands. */
  readonly reason: string;
  /** What the engine counted so far, where it counts: compiled graphs, kernels run elsewhere … */
  readonly counters?: Readonly<Record<string, number>>;
}
