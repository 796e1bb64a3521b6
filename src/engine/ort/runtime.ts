import type { Tensor as OrtTensor } from "onnxruntime-node";
import type { RunQueue } from "./run-queue.js";

export type { OrtTensor };

export type OrtPackage = typeof import("onnxruntime-node");
export type TensorMap = Record<string, OrtTensor>;

/** A compiled graph. */
export interface Session {
  /**
   * Runs the graph: now, or on an asynchronous runtime when its turn comes.
   * @param fetches the outputs wanted; a tensor given there is written in place
   */
  run(feeds: TensorMap, fetches: Record<string, OrtTensor | null>): TensorMap | Promise<TensorMap>;
  /** Lets go of it once the runs that were asked for are over. */
  dispose(): void;
}

/** What the lazy backend needs of ONNX Runtime; `native-runtime.ts` and `public-runtime.ts` give it. */
export interface Runtime {
  readonly version: string;
  /** On an asynchronous runtime: where its runs wait for each other. */
  readonly queue?: RunQueue;
  /**
   * @param beside the bytes of constants that the model names without holding them
   * @throws when ONNX Runtime refuses the model; on an asynchronous runtime the first run rejects instead
   */
  compile(model: Uint8Array, options: SessionOptions, beside?: ReadonlyMap<string, Uint8Array>): Session;
  tensor(type: "float32" | "int32" | "bool", data: Float32Array | Int32Array | Uint8Array, shape: readonly number[]): OrtTensor;
  /** The same numbers, on a GPU too, seen in another shape; freed with the first. */
  reshaped(tensor: OrtTensor, shape: readonly number[]): OrtTensor;
}

/** What runs the operators; those it does not have run on the processor. */
export type Provider = "cpu" | "webgpu" | "cuda";

export interface SessionOptions {
  readonly threads: number;
  /** `"cpu"` unless said otherwise. */
  readonly provider?: Provider;
  /** The outputs that stay in the provider's memory; the others come as arrays. */
  readonly onDevice?: readonly string[];
  /** Writes ONNX Runtime's profile of every graph to files that begin so; for the bench. */
  readonly profile?: string;
}

/** The options as ONNX Runtime has them. */
export function onnxOptions({ threads, profile, provider = "cpu", onDevice = [] }: SessionOptions, beside: ReadonlyMap<string, Uint8Array> = new Map()) {
  return {
    executionProviders: provider === "cpu" ? ["cpu"] : [provider, "cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Our graphs come without duplicates and dead nodes: optimising them again gains nothing and takes most of the compile time.
    graphOptimizationLevel: "disabled" as const,
    logSeverityLevel: 4 as const, // errors are thrown anyway
    ...(onDevice.length > 0 && { preferredOutputLocation: Object.fromEntries(onDevice.map((name) => [name, "gpu-buffer" as const])) }),
    ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
    // Idle threads sleep instead of spinning: spinning doubles processor time and gains nothing on a shared machine.
    ...(beside.size > 0 && { externalData: Array.from(beside, ([path, { buffer, byteOffset, byteLength }]) => ({ path, data: Buffer.from(buffer, byteOffset, byteLength) })) }),
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  };
}

/** How both ways to call ONNX Runtime make tensors. */
export const tensorsOf = (ort: OrtPackage): Pick<Runtime, "tensor" | "reshaped"> => ({
  tensor: (type, data, shape) => new ort.Tensor(type as "float32", data as Float32Array, [...shape]),
  reshaped: (tensor, shape) =>
    tensor.location === "gpu-buffer"
      ? ort.Tensor.fromGpuBuffer(tensor.gpuBuffer, { dataType: tensor.type as "float32", dims: shape })
      : tensor.reshape(shape),
});
