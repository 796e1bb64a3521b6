import { createRequire } from "node:module";
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { importCommonJs } from "../tfjs.js";

export type { OrtTensor };

type OrtPackage = typeof import("onnxruntime-node");
export type TensorMap = Record<string, OrtTensor>;

/** A compiled graph. */
export interface Session {
  /**
   * Runs the graph now.
   * @param fetches the outputs wanted; a tensor given there is written in place
   */
  run(feeds: TensorMap, fetches: Record<string, OrtTensor | null>): TensorMap;
  dispose(): void;
}

/** What the lazy backend needs of ONNX Runtime. */
export interface Runtime {
  readonly version: string;
  compile(model: Uint8Array, options: SessionOptions): Session;
  tensor(type: "float32" | "int32" | "bool", data: Float32Array | Int32Array | Uint8Array, shape: readonly number[]): OrtTensor;
}

/** What runs the operators; those it does not have run on the processor. */
export type Provider = "cpu" | "webgpu" | "cuda";

export interface SessionOptions {
  readonly threads: number;
  /** `"cpu"` unless said otherwise. */
  readonly provider?: Provider;
  /** Writes ONNX Runtime's profile of every graph to files that begin so; for the bench. */
  readonly profile?: string;
}

/** The native addon behind onnxruntime-node: private, and the same in the exactly pinned version. */
interface NativeBinding {
  InferenceSession: new () => {
    loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void;
    run(feeds: TensorMap, fetches: Record<string, OrtTensor | null>, options: object): TensorMap;
    dispose(): void;
    endProfiling(): void;
  };
}

const require = createRequire(import.meta.url);

/**
 * ONNX Runtime through its native addon. onnxruntime-node's public `run` only wraps the addon's synchronous call in
 * `setImmediate`; TensorFlow.js needs the synchronous one wherever a kernel or `dataSync` wants numbers at once.
 */
export async function loadRuntime(): Promise<Runtime> {
  const ort = await importCommonJs<OrtPackage>(import("onnxruntime-node"));
  const folder = require.resolve("onnxruntime-node").replace(/index\.js$/, "");
  const { binding, initOrt } = require(`${folder}binding.js`) as { binding: NativeBinding; initOrt: () => void };
  initOrt();
  return {
    version: ort.env.versions.node ?? "unknown",
    compile: (model, { threads, profile, provider = "cpu" }) => {
      const session = new binding.InferenceSession();
      session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
        executionProviders: provider === "cpu" ? ["cpu"] : [provider, "cpu"],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        // Our graphs come without duplicates and dead nodes: optimising them again gains nothing and takes most of the compile time.
        graphOptimizationLevel: "disabled",
        logSeverityLevel: 4, // errors are thrown anyway
        ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
        // Idle threads sleep instead of spinning: spinning doubles processor time and gains nothing on a shared machine.
        extra: { session: { intra_op: { allow_spinning: "0" } } },
      });
      return {
        run: (feeds, fetches) => session.run(feeds, fetches, {}),
        dispose: () => {
          if (profile !== undefined) session.endProfiling();
          session.dispose();
        },
      };
    },
    tensor: (type, data, shape) => new ort.Tensor(type as "float32", data as Float32Array, [...shape]),
  };
}
