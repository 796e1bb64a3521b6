import type { Tensor } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";

/**
 * Gaussian error linear unit x·Φ(x), any shape; the exact form with erf, not the tanh approximation.
 * @see Hendrycks & Gimpel 2016, eq. 1; PyTorch `nn.GELU()`
 * @example gelu(tf, tf.tensor1d([-1, 0, 1])) // [-0.1587, 0, 0.8413]
 */
export function gelu<T extends Tensor>(tf: TensorFlow, x: T): T {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}
