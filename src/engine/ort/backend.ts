import { availableParallelism } from "node:os";
import type { KernelBackend } from "@tensorflow/tfjs";
import type { Backend, Precision, RunningBackend, StartOptions } from "../backend.js";
import type { EngineName, TensorFlow } from "../engine.js";
import { exportOnnx } from "./export.js";
import type { HalfPrecision } from "./half-precision.js";
import { registerLazyKernels } from "./kernels.js";
import { LazyBackend, type LazyOptions } from "./lazy-backend.js";
import { probeFusions } from "./fusion/probe.js";
import { probeBlockSize } from "./layout/block-size.js";
import { blockedLayout } from "./layout/layout.js";
import { loweringTable } from "./lowering/table.js";
import { adaptOptimizers } from "./optimizers.js";
import { replayingStep } from "./replay.js";
import { nativeRuntime } from "./native-runtime.js";
import { publicRuntime } from "./public-runtime.js";
import type { Provider } from "./runtime.js";

/** The lazy backend on ONNX Runtime's CPU provider. */
export const ortBackend: Backend = {
  name: "ort",
  precisions: ["float16", "bfloat16"],
  probe: async () => {
    try {
      const { version } = await nativeRuntime();
      return { available: true, device: deviceName(version, availableParallelism()) };
    } catch (error) {
      const why = `onnxruntime-node does not load on ${process.platform} ${process.arch} (${(error as Error).message.split("\n")[0]})`;
      return {
        available: false,
        why,
        remedy: "It has binaries for Linux and Windows (x64, arm64) and macOS (arm64), glibc 2.27 or newer; elsewhere use wasm.",
      };
    }
  },
  start: (tf, { precision, ...options }) => startLazy(tf, { ...options, half: halfOf(precision) }),
};

export interface LazyStart extends Omit<StartOptions, "precision">, Partial<LazyOptions> {
  /** The name TensorFlow.js knows the backend by. */
  readonly name?: EngineName;
  /** `"natural"` keeps images as TensorFlow.js lays them out, also where ONNX Runtime has its faster blocked layout. */
  readonly images?: "blocked" | "natural";
}

/** What {@link LazyStart.half} is for a precision. */
export const halfOf = (precision: Precision | undefined): HalfPrecision | undefined => (precision === "float32" ? undefined : precision);

/** Starts the lazy backend; the mode and limits are for tests and debugging. */
export async function startLazy(
  tf: TensorFlow,
  { name = "ort", threads = availableParallelism(), images = "blocked", runs = "synchronous", ...rest }: LazyStart,
): Promise<RunningBackend> {
  const runtime = await (runs === "synchronous" ? nativeRuntime() : publicRuntime());
  // ONNX Runtime's binding for Node hands out tensors in WebGPU's memory, and of no other GPU interface.
  const keepsOnDevice = rest.provider === "webgpu" && runtime.queue === undefined;
  const onProcessor = (rest.provider ?? "cpu") === "cpu";
  const { half } = rest;
  const block = images === "blocked" && onProcessor && half === undefined ? await probeBlockSize(runtime) : 0;
  const fusions = onProcessor && half === undefined ? await probeFusions(runtime) : [];
  const lazy: LazyBackend = new LazyBackend(runtime, (dataId) => tf.engine().moveData(lazy as unknown as KernelBackend, dataId), {
    threads,
    keepsOnDevice,
    ...(block > 0 && { layout: blockedLayout(tf, block) }),
    fusions,
    ...rest,
  });
  const current = (): LazyBackend => tf.backend() as unknown as LazyBackend;
  registerLazyKernels(tf, name, current, loweringTable(tf));
  adaptOptimizers(tf);
  tf.registerBackend(name, () => lazy as unknown as KernelBackend, 1);
  await tf.setBackend(name);
  return {
    device: [deviceName(runtime.version, threads, rest.provider), ...(block > 0 ? [`images in blocks of ${block} channels`] : []), ...(half ? [`products in ${half}`] : [])].join(", "),
    state: keepsOnDevice ? "on the GPU" : onProcessor ? "on the processor" : "on the processor, copied to the GPU and back at every step",
    versions: { "onnxruntime-node": runtime.version },
    counters: () => ({
      ...lazy.counters,
      ...lazy.device?.counters,
      stepsRecorded: sumOf(lazy.recordedSteps),
      ...named("step recorded because", lazy.recordedSteps),
      kernelsElsewhere: sumOf(lazy.elsewhere),
      ...named("elsewhere", lazy.elsewhere),
    }),
    step: runtime.queue === undefined ? (f) => replayingStep(tf, lazy, f) : undefined, // a step is then recorded every time
    exportOnnx: (what) => exportOnnx(tf, lazy, what),
    close: async () => tf.removeBackend(name),
  };
}

const sumOf = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, n) => sum + n, 0);

function named(kind: string, counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].map(([what, count]) => [`${kind} ${what}`, count]));
}

function deviceName(version: string, threads: number, provider: Provider = "cpu"): string {
  if (provider === "cuda") return `ONNX Runtime ${version} on the GPU through CUDA, whole steps compiled`;
  if (provider === "webgpu") return `ONNX Runtime ${version} on the GPU through WebGPU, whole steps compiled`;
  return `ONNX Runtime ${version} on the processor, ${threads} thread${threads === 1 ? "" : "s"}, whole steps compiled`;
}
