import type { Scalar, Tensor, TensorFlow } from "./tensorflow.js";

/**
 * Binary cross-entropy of logits, foreground counted twice: mean[−(2t·log σ(x) + (1 − t)·log(1 − σ(x)))].
 * @param targets same shape, in [0, 1], may be soft
 * @example logits 0, 2, −1; targets .5, 1, 0 → .5356
 * @see AESPA spec §4, test vector 6
 */
export function weightedCrossEntropy(tf: TensorFlow, logits: Tensor, targets: Tensor): Scalar {
  const foreground = tf.mul(targets, 2).mul(tf.softplus(logits.neg())); // −log σ(x) = softplus(−x)
  const background = tf.sub(1, targets).mul(tf.softplus(logits));
  return foreground.add(background).mean<Scalar>();
}

/** The value passes, the gradient does not. */
export function detached<T extends Tensor>(tf: TensorFlow, x: T): T {
  return tf.customGrad((input) => ({ value: (input as Tensor).clone(), gradFunc: (dy: Tensor) => [tf.zerosLike(dy)] }))(x) as T;
}
