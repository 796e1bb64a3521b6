import { createRequire } from "node:module";
import { importCommonJs } from "../tfjs.js";
import { onnxOptions, tensorsOf, type OrtPackage, type OrtTensor, type Runtime, type TensorMap } from "./runtime.js";

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
export async function nativeRuntime(): Promise<Runtime> {
  const ort = await importCommonJs<OrtPackage>(import("onnxruntime-node"));
  const folder = require.resolve("onnxruntime-node").replace(/index\.js$/, "");
  const { binding, initOrt } = require(`${folder}binding.js`) as { binding: NativeBinding; initOrt: () => void };
  initOrt();
  return {
    version: ort.env.versions.node ?? "unknown",
    compile: (model, options, beside) => {
      const session = new binding.InferenceSession();
      session.loadModel(model.buffer, model.byteOffset, model.byteLength, onnxOptions(options, beside));
      return {
        run: (feeds, fetches) => session.run(feeds, fetches, {}),
        dispose: () => {
          if (options.profile !== undefined) session.endProfiling();
          session.dispose();
        },
      };
    },
    ...tensorsOf(ort),
  };
}
