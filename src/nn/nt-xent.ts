import type { Scalar, Tensor2D, TensorFlow } from "./tensorflow.js";

/** Rows divided by their length; a zero row stays zero (the length is floored at 1e-12, as PyTorch's `normalize` does). */
export function l2Normalise(tf: TensorFlow, x: Tensor2D): Tensor2D {
  return tf.div(x, x.square().sum(1, true).maximum(1e-24).sqrt());
}

/**
 * Normalised temperature-scaled cross-entropy: each of the 2N vectors must pick its other view among the 2N − 1 others.
 *
 * s = z·zᵀ/τ of the normalised vectors, own similarity masked; loss = mean over rows of logsumexp_j s_ij − s_i,p(i).
 * Two views of one clip alone have nothing to be confused with: N = 1 gives 0.
 *
 * @param z1 [N, D], first views
 * @param z2 [N, D], second views of the same clips in the same order
 * @returns a scalar, 0 … ∞; ln(2N − 1) when all vectors are equal
 * @example ntXent(tf, tf.tensor2d([[1, 0], [0, 1]]), tf.tensor2d([[0.8, 0.6], [0.6, 0.8]]), 0.1) // 0.9668
 * @see Chen et al., SimCLR, 2020, equation 1
 */
export function ntXent(tf: TensorFlow, z1: Tensor2D, z2: Tensor2D, temperature: number): Scalar {
  const n = z1.shape[0];
  const [a, b] = [l2Normalise(tf, z1), l2Normalise(tf, z2)];
  const z = tf.concat([a, b], 0); // [2N, D]
  const own = tf.eye(2 * n).mul(-9e15); // [2N, 2N]
  const similarity = tf
    .matMul(z, z, false, true)
    .div(temperature)
    .mul(tf.sub(1, tf.eye(2 * n)))
    .add(own); // [2N, 2N]
  const positive = a
    .mul(b)
    .sum()
    .mul(2 / temperature);
  return similarity
    .logSumExp(1)
    .sum()
    .sub<Scalar>(positive)
    .div(2 * n);
}
