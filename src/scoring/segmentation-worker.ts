import { parentPort, workerData } from "node:worker_threads";
import { FolioError } from "../core/index.js";
import type { ImagePair } from "./folders.js";
import { scoreCase, type SegmentationJob, type SegmentedCase } from "./segment-case.js";

/** What a worker answers: the case, or why it could not be scored. */
export type WorkerAnswer = { readonly index: number } & (
  { readonly result: SegmentedCase } | { readonly code: string; readonly message: string }
);

parentPort?.on("message", ({ index, pair }: { index: number; pair: ImagePair }) => {
  scoreCase(pair, workerData as SegmentationJob).then(
    (result) => parentPort?.postMessage({ index, result } satisfies WorkerAnswer, []),
    (error: unknown) => {
      const code = error instanceof FolioError ? error.code : "internal";
      const message = error instanceof FolioError ? error.message : `${pair.prediction}: ${String(error)}`;
      parentPort?.postMessage({ index, code, message } satisfies WorkerAnswer, []);
    },
  );
});
