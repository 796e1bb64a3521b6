import { setImmediate as nextTurn } from "node:timers/promises";
import type { DataId, KernelBackend } from "@tensorflow/tfjs";
import { FolioError, UsageError } from "../../core/index.js";
import type { Device } from "./dawn.js";

/** What Folio uses of TensorFlow.js's WebGPU backend. */
export type WebgpuBackend = KernelBackend & { readonly tensorMap: { get(id: DataId): { values?: object | null; dtype: string } | undefined } };

/** The GPU did not do what it was asked to; the tensors it was about have no numbers. */
export class GpuFailed extends FolioError {
  constructor(
    readonly code: "gpu-out-of-memory" | "gpu-lost" | "gpu-refused",
    readonly detail: string,
    words: string,
    remedy: string,
  ) {
    super(`${words}: ${firstLine(detail)}. ${remedy}`);
  }
}

const firstLine = (text: string): string => text.trim().split("\n")[0].replace(/\.$/, "");

/** A buffer that is larger than any the GPU makes is a validation error, but to the user it is the same shortage. */
const isShortage = (error: Error): boolean => error.constructor.name === "GPUOutOfMemoryError" || /exceeds the max buffer size/.test(error.message);

const smaller = "Use smaller batches or images, free what tf.tidy does not, or take another engine.";

function failureOf(error: Error): GpuFailed {
  return isShortage(error)
    ? new GpuFailed("gpu-out-of-memory", error.message, "The GPU has not enough memory", smaller)
    : new GpuFailed("gpu-refused", error.message, "The GPU refused an operation", "Take another engine, and please report this.");
}

/**
 * Reads that say what went wrong. TensorFlow.js hands out memory as it was when the GPU refused an operation, waits for ever or fails
 * in passing when the GPU is lost, and fails on a name that only browsers have when a tensor is read synchronously.
 */
export function withHonestReads(backend: WebgpuBackend, device: Device): WebgpuBackend {
  let refused: GpuFailed | undefined;
  let lost: GpuFailed | undefined;
  device.onuncapturederror = (event) => {
    event.preventDefault?.(); // else every one that follows from the first is printed, too
    refused ??= failureOf(event.error);
  };
  const reading = new Set<(error: Error) => void>();
  void device.lost.then(({ reason, message }) => {
    if (reason !== "destroyed") lost = new GpuFailed("gpu-lost", message || "no reason given", "The GPU was lost", "All tensors on it are gone: start again from the last checkpoint.");
    for (const fail of reading) fail(lost ?? new UsageError("The engine was closed before the tensor was read."));
  });
  const [read, readSync] = [backend.read.bind(backend), backend.readSync.bind(backend)];
  const honest = async (id: DataId) => {
    const values = await read(id).catch(async (error: Error) => {
      await nextTurn(); // the loss is told a moment after what fails by it
      throw lost ?? error;
    });
    if (refused === undefined) return values;
    const failure = refused;
    refused = undefined;
    throw failure;
  };
  backend.read = (id) =>
    new Promise((resolve, reject) => {
      if (lost !== undefined) return reject(lost);
      reading.add(reject);
      void honest(id)
        .then(resolve, reject)
        .finally(() => reading.delete(reject));
    });
  backend.readSync = (id) => {
    const held = backend.tensorMap.get(id);
    if (held === undefined || (!held.values && held.dtype !== "string"))
      throw new UsageError('The engine "webgpu" cannot read a tensor synchronously: write await t.data() instead of t.dataSync().');
    return readSync(id);
  };
  return backend;
}
