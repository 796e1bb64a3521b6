import type { Scalar, Variable } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";
import { LazyBackend } from "./lazy-backend.js";

type Minimize = (f: () => Scalar, returnCost?: boolean, variables?: Variable[]) => Scalar | null;

const patched = new WeakSet<object>();

/** The end of an optimizer's step is where a recorded step ends: gradients are freed, new weights are wanted. */
export function flushAfterSteps(tf: TensorFlow): void {
  const prototype = tf.Optimizer.prototype as unknown as { minimize: Minimize };
  if (patched.has(prototype)) return;
  patched.add(prototype);
  const { minimize } = prototype;
  prototype.minimize = function (this: unknown, ...given: Parameters<Minimize>) {
    const cost = minimize.apply(this, given);
    const backend: unknown = tf.backend();
    if (backend instanceof LazyBackend) backend.flush();
    return cost;
  };
}
