import type { TensorFlow } from "../engine.js";
import { einsumKernel } from "./einsum.js";
import { gradients } from "./gradients.js";

const registered = new WeakSet<object>();

/** Adds the gradients TensorFlow.js lacks and replaces those that are wrong or slow; once a loaded TensorFlow.js. */
export function registerOps(tf: TensorFlow): void {
  if (registered.has(tf)) return;
  registered.add(tf);
  for (const gradient of gradients(tf)) {
    if (tf.getGradient(gradient.kernelName)) tf.unregisterGradient(gradient.kernelName);
    tf.registerGradient(gradient);
  }
  // Upstream's plain JavaScript einsum leaves an axis of 1 where a label was summed away.
  tf.unregisterKernel("Einsum", "cpu");
  tf.registerKernel(einsumKernel(tf, "cpu"));
}
