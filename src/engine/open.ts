import type { Tensor } from "@tensorflow/tfjs";
import { InvalidValue, stopIfAborted } from "../core/index.js";
import type { Availability, Backend, Precision, RunningBackend } from "./backend.js";
import { backends } from "./backends.js";
import type { Engine, EngineDescription, EngineName, TensorFlow } from "./engine.js";
import { EngineUnavailable } from "./errors.js";
import { RunningEngines } from "./running-engines.js";
import type { MakeStep } from "./step.js";
import { loadTensorFlow } from "./tfjs.js";

export interface OpenOptions {
  /** A name is that engine or an error; `"auto"` takes the fastest that is really there. */
  readonly prefer?: EngineName | "auto";
  /** Threads for the kernels; by default what `FOLIO_THREADS` says, and without it as many as the backend finds useful. */
  readonly threads?: number;
  /**
   * `"asynchronous"` runs the graphs of `ort` through onnxruntime-node's public interface in place of its private synchronous
   * one: numbers then come by `await t.data()` only, and steps are not replayed. Other engines have no such choice.
   */
  readonly runs?: "synchronous" | "asynchronous";
  /**
   * `"fixed"` is for inference: `ort` builds the weights of matrix products into its graphs, which makes them a tenth faster and
   * takes the memory of the weights once more. A weight that changes is followed, by compiling again. Other engines ignore it.
   */
  readonly weights?: "fixed" | "variable";
  /**
   * What products and convolutions are computed in, `"float32"` unless said otherwise; everything else stays in float32, as in
   * PyTorch's automatic mixed precision. `"float16"` wants its loss scaled (`LossScale` in `folio/nn`); `"bfloat16"` leaves convolutions
   * in float32. `ort` rounds as a GPU would and is slower for it. An error on an engine that has no halves.
   */
  readonly precision?: Precision;
  readonly signal?: AbortSignal;
}

/**
 * Opens TensorFlow.js on the backend that is asked for, or on the fastest one that is there.
 *
 * TensorFlow.js keeps one current backend a process, so one engine is in use at a time: the one opened last. An engine that is
 * opened again, as by a notebook's cell that is run twice, is the same engine; the last to close it ends it.
 *
 * @throws EngineUnavailable when the engine that was named cannot run here, or runs with other settings; the message says what to do
 * @throws InvalidValue when there is no engine of that name
 * @throws Interrupted when the signal fires while it opens
 * @example
 * const engine = await openEngine({ prefer: "wasm" });
 * const { tf } = engine;
 * await tf.tensor1d([1, 2, 3]).sum().data(); // Float32Array [6]
 * engine.describe().device;                  // "WebAssembly SIMD, 1 thread"
 * await engine.close();
 */
export async function openEngine({ prefer = "auto", threads = threadsFrom(process.env.FOLIO_THREADS), runs, weights, precision = "float32", signal }: OpenOptions = {}): Promise<Engine> {
  const { backend, reason } = await choose(prefer);
  if (precision !== "float32" && !backend.precisions?.includes(precision)) {
    const able = backends.filter((each) => each.precisions?.includes(precision)).map((each) => `"${each.name}"`);
    const remedy = `Open ${able.join(" or ")}, or leave precision out.`;
    throw new EngineUnavailable(backend.name, `it does not compute in ${precision}`, remedy);
  }
  stopIfAborted(signal);
  const tf = await loadTensorFlow();
  stopIfAborted(signal);
  const options = { threads, runs, weights, precision };
  const running = await runningEngines.open(tf, backend.name, options, () => backend.start(tf, options));
  return engineOn(tf, backend.name, running, reason);
}

const runningEngines = new RunningEngines();

/** The engine that a started backend makes of TensorFlow.js. */
export function engineOn(tf: TensorFlow, name: EngineName, running: RunningBackend, reason: string): Engine {
  const describe = (): EngineDescription => ({
    name,
    device: running.device,
    state: running.state,
    versions: { tfjs: tf.version_core, ...running.versions },
    reason,
    ...(running.counters && { counters: running.counters() }),
  });
  const tidied: MakeStep =
    (f) =>
    (...given) =>
      tf.tidy(() => f(...given) as Tensor) as ReturnType<typeof f>;
  const exportOnnx: Engine["exportOnnx"] = async (what) => {
    if (running.exportOnnx === undefined) throw new EngineUnavailable(name, "it does not know graphs and so cannot export ONNX", 'Open the engine "ort".');
    return running.exportOnnx(what);
  };
  const close = async (): Promise<void> => {
    if (inUse === describe) inUse = undefined;
    await running.close();
  };
  inUse = describe;
  return { name, tf, step: running.step ?? tidied, exportOnnx, describe, close };
}

// As TensorFlow.js keeps one current backend a process, so there is one engine in use.
let inUse: (() => EngineDescription) | undefined;

/** The engine opened last in this process, as long as it is not closed. */
export const engineInUse = (): EngineDescription | undefined => inUse?.();

/** A process that was given a share of the machine keeps to it without every caller having to know. */
function threadsFrom(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const threads = Number(text);
  if (!Number.isSafeInteger(threads) || threads < 1) throw new InvalidValue("openEngine", "FOLIO_THREADS must be a whole number from 1", text);
  return threads;
}

/** What {@link openEngine} would find, fastest first; for `folio doctor`. */
export async function findEngines(): Promise<(Availability & { readonly name: EngineName })[]> {
  return Promise.all(backends.map(async (backend) => ({ name: backend.name, ...(await backend.probe()) })));
}

async function choose(prefer: EngineName | "auto"): Promise<{ backend: Backend; reason: string }> {
  return prefer === "auto" ? fastest() : named(prefer);
}

async function named(name: EngineName): Promise<{ backend: Backend; reason: string }> {
  const backend = backends.find((candidate) => candidate.name === name);
  if (backend === undefined) {
    throw new InvalidValue("openEngine", `the engine must be "auto" or one of ${backends.map((each) => each.name).join(", ")}`, name);
  }
  const found = await backend.probe();
  if (!found.available) throw new EngineUnavailable(name, found.why, found.remedy);
  return { backend, reason: "it was asked for" };
}

async function fastest(): Promise<{ backend: Backend; reason: string }> {
  const passed: string[] = [];
  for (const backend of backends) {
    const found = await backend.probe();
    if (found.available) {
      const reason =
        passed.length === 0
          ? "it is the fastest engine"
          : `it is the fastest engine that is there (not there: ${passed.join(", ")}; folio doctor says why)`;
      return { backend, reason };
    }
    passed.push(backend.name);
  }
  throw new EngineUnavailable("wasm", "no engine can run here", "Install Folio's packages again with npm ci.");
}
