import { availableParallelism } from "node:os";
import type { KernelBackend } from "@tensorflow/tfjs";
import type { Backend, RunningBackend, StartOptions } from "../backend.js";
import type { TensorFlow } from "../engine.js";
import { registerLazyKernels } from "./kernels.js";
import { LazyBackend, type LazyOptions } from "./lazy-backend.js";
import { loweringTable } from "./lowering/table.js";
import { adaptOptimizers } from "./optimizers.js";
import { replayingStep } from "./replay.js";
import { loadRuntime } from "./runtime.js";

/** The lazy backend on ONNX Runtime's CPU provider. */
export const ortBackend: Backend = {
  name: "ort",
  probe: async () => {
    try {
      const { version } = await loadRuntime();
      return { available: true, device: deviceName(version, availableParallelism()) };
    } catch (error) {
      const why = `onnxruntime-node does not load on ${process.platform} ${process.arch} (${(error as Error).message.split("\n")[0]})`;
      return { available: false, why, remedy: "It has binaries for Linux and Windows (x64, arm64) and macOS (arm64), glibc 2.27 or newer; elsewhere use wasm." };
    }
  },
  start: (tf, options) => startLazy(tf, options),
};

/** Starts the lazy backend; the mode and limits are for tests and debugging. */
export async function startLazy(tf: TensorFlow, { threads = availableParallelism(), ...rest }: StartOptions & Partial<LazyOptions>): Promise<RunningBackend> {
  const runtime = await loadRuntime();
  const lazy: LazyBackend = new LazyBackend(runtime, (dataId) => tf.engine().moveData(lazy as unknown as KernelBackend, dataId), { threads, ...rest });
  const current = (): LazyBackend => tf.backend() as unknown as LazyBackend;
  registerLazyKernels(tf, "ort", current, loweringTable(tf));
  adaptOptimizers(tf);
  tf.registerBackend("ort", () => lazy as unknown as KernelBackend, 1);
  await tf.setBackend("ort");
  return {
    device: deviceName(runtime.version, threads),
    versions: { "onnxruntime-node": runtime.version },
    counters: () => ({ ...lazy.counters, kernelsElsewhere: [...lazy.elsewhere.values()].reduce((sum, n) => sum + n, 0), ...elsewhere(lazy) }),
    step: (f) => replayingStep(tf, lazy, f),
    close: async () => tf.removeBackend("ort"),
  };
}

function elsewhere(lazy: LazyBackend): Record<string, number> {
  return Object.fromEntries([...lazy.elsewhere].map(([kernel, count]) => [`elsewhere ${kernel}`, count]));
}

function deviceName(version: string, threads: number): string {
  return `ONNX Runtime ${version} on the processor, ${threads} thread${threads === 1 ? "" : "s"}, whole steps compiled`;
}
