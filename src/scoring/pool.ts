import { availableParallelism, totalmem } from "node:os";
import { Worker } from "node:worker_threads";
import { FolioError, stopIfAborted, type ProgressTask } from "../core/index.js";
import type { ImagePair } from "./folders.js";
import { scoreCase, type SegmentationJob, type SegmentedCase } from "./segment-case.js";
import type { WorkerAnswer } from "./segmentation-worker.js";

/** A case failed in a worker; the message is the one the case's own error had. */
export class CaseFailed extends FolioError {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface PoolOptions {
  /** Threads; unless given, one a core as far as memory allows. Each holds one case's images, so this bounds the memory. */
  readonly workers?: number;
  readonly task?: ProgressTask;
  readonly signal?: AbortSignal;
}

/** Scores the pairs on worker threads, each case as a thread comes free, and gives them back in order. */
export async function scorePairs(
  pairs: readonly ImagePair[],
  job: SegmentationJob,
  { workers, task, signal }: PoolOptions = {},
): Promise<SegmentedCase[]> {
  const threads = Math.min(workers ?? sensibleThreads(), pairs.length);
  // Below this a thread costs more than it brings.
  if (threads < 2 || pairs.length < 4) return scoreHere(pairs, job, task, signal);
  const results = Array.from<SegmentedCase>({ length: pairs.length });
  let next = 0;
  let done = 0;
  const pool = Array.from(
    { length: threads },
    () => new Worker(new URL("./segmentation-worker.js", import.meta.url), { workerData: job }),
  );
  try {
    await Promise.all(
      pool.map(
        (worker) =>
          new Promise<void>((resolve, reject) => {
            const give = (): void => {
              if (signal?.aborted) return reject(signal.reason as Error);
              if (next >= pairs.length) return resolve();
              worker.postMessage({ index: next, pair: pairs[next] }, []);
              next++;
            };
            worker.on("message", (answer: WorkerAnswer) => {
              if (!("result" in answer)) return reject(new CaseFailed(answer.code, answer.message));
              results[answer.index] = answer.result;
              task?.update(++done);
              give();
            });
            worker.on("error", reject);
            give();
          }),
      ),
    );
  } catch (error) {
    stopIfAborted(signal);
    throw error;
  } finally {
    await Promise.all(pool.map((worker) => worker.terminate()));
  }
  return results;
}

// Half of the memory there is (or that a container allows), at 256 MB a thread.
function sensibleThreads(): number {
  const allowed = process.constrainedMemory();
  const memory = allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
  return Math.max(1, Math.min(availableParallelism(), Math.floor(memory / 2 / 2 ** 28)));
}

async function scoreHere(
  pairs: readonly ImagePair[],
  job: SegmentationJob,
  task?: ProgressTask,
  signal?: AbortSignal,
): Promise<SegmentedCase[]> {
  const results: SegmentedCase[] = [];
  for (const pair of pairs) {
    stopIfAborted(signal);
    results.push(await scoreCase(pair, job));
    task?.update(results.length);
  }
  return results;
}
