import type { TensorFlow } from "./engine.js";
import { registerOps } from "./ops/register.js";

/**
 * Loads TensorFlow.js with Folio's corrections (`ops/`) registered. Takes about a second the first time, so only
 * `openEngine` does it; importing this room loads nothing.
 */
export async function loadTensorFlow(): Promise<TensorFlow> {
  const tf = await importCommonJs<TensorFlow>(import("@tensorflow/tfjs"));
  hushCpuBackend(tf);
  registerOps(tf);
  return tf;
}

/** TensorFlow.js is CommonJS: its namespace is the default export, and named exports are not all seen by Node. */
export async function importCommonJs<T>(loading: Promise<unknown>): Promise<T> {
  const loaded = (await loading) as { default?: T };
  return loaded.default ?? (loaded as T);
}

// On its first tensor the plain JavaScript backend prints an advertisement for tfjs-node. It prints once a backend,
// so telling that one backend that it has spoken leaves every other warning of TensorFlow.js alone.
function hushCpuBackend(tf: TensorFlow): void {
  const cpu = tf.findBackend("cpu") as { firstUse?: boolean } | null;
  if (cpu !== null) cpu.firstUse = false;
}
