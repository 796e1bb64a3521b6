import { importCommonJs } from "../tfjs.js";
import { RunQueue } from "./run-queue.js";
import { onnxOptions, tensorsOf, type OrtPackage, type Runtime } from "./runtime.js";

/**
 * ONNX Runtime through the interface that onnxruntime-node promises to keep, whose sessions are made and run asynchronously.
 * Numbers come by `await t.data()` only: `dataSync` of something recorded, and kernels that need numbers at once, are an error.
 */
export async function publicRuntime(): Promise<Runtime> {
  const ort = await importCommonJs<OrtPackage>(import("onnxruntime-node"));
  const queue = new RunQueue();
  return {
    version: ort.env.versions.node ?? "unknown",
    queue,
    compile: (model, options, beside) => {
      const made = ort.InferenceSession.create(model, onnxOptions(options, beside));
      made.catch(() => {}); // the run that wants it reports it
      return {
        run: async (feeds, fetches) => (await made).run(feeds, fetches),
        dispose: () =>
          void queue.add(async () => {
            const session = await made.catch(() => undefined);
            if (options.profile !== undefined) session?.endProfiling();
            await session?.release();
          }),
      };
    },
    ...tensorsOf(ort),
  };
}
