import type { NamedTensorMap, Scalar } from "@tensorflow/tfjs";
import type { TensorFlow } from "../engine.js";

export interface ClippedGradients {
  readonly gradients: NamedTensorMap;
  /** The norm before clipping, for the log; a scalar tensor, so that nothing waits for it. */
  readonly norm: Scalar;
}

/**
 * Scales all gradients by one factor so that their common L2 norm is at most `maxNorm`; smaller ones pass unchanged.
 * The factor is maxNorm/(norm + 1e-6), at most 1, as PyTorch's `clip_grad_norm_`.
 * @returns new tensors; the given ones stay the caller's to dispose
 * @example clipByGlobalNorm(tf, { w: tf.tensor1d([3, 4]) }, 1).gradients.w // [0.6, 0.8], norm 5
 * @see Pascanu et al. 2013, algorithm 1
 */
export function clipByGlobalNorm(tf: TensorFlow, gradients: NamedTensorMap, maxNorm: number): ClippedGradients {
  return tf.tidy(() => {
    const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
    const norm = tf.sqrt(tf.addN(squares)) as Scalar;
    const factor = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
    const clipped = Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, factor)] as const);
    return { gradients: Object.fromEntries(clipped), norm };
  });
}
