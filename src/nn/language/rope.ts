import type { Tensor, Tensor4D, TensorFlow } from "../tensorflow.js";

/** Cosines and sines to turn vectors by, each [T, d] or [B, 1, T, d]. */
export interface Rotation {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/**
 * Rotary position embedding: pairs (x_i, x_{i + d/2}) are turned by position · θ^(−2i/d), so a dot product of two turned vectors
 * depends on their distance alone.
 * @param positions any shape […]
 * @returns tables […, d] for {@link rotate}
 * @see Su et al., RoFormer, 2021, eq. 34; pairs as in LLaMA's public implementation ("rotate half")
 */
export function rotation(tf: TensorFlow, positions: Tensor, width: number, theta: number): Rotation {
  const frequencies = Float32Array.from({ length: width }, (_, i) => theta ** ((-2 * (i % (width / 2))) / width));
  const angles = tf.expandDims(positions.cast("float32"), -1).mul(tf.tensor1d(frequencies)); // […, d]
  return { cos: angles.cos(), sin: angles.sin() };
}

/** @param x [B, H, T, d] */
export function rotate(tf: TensorFlow, x: Tensor4D, { cos, sin }: Rotation): Tensor4D {
  const [low, high] = tf.split(x, 2, 3); // [B, H, T, d/2]
  return x.mul<Tensor4D>(cos).add(tf.concat([high.neg(), low], 3).mul(sin));
}
