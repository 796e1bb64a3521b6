import { constant, parameter, type Weights } from "../plan.js";
import type { Rank, Tensor, TensorFlow } from "../tensorflow.js";

export const planRmsNorm = (width: number) => ({ weight: parameter<Rank.R1>([width], constant(1)) });

export type RmsNormWeights = Weights<ReturnType<typeof planRmsNorm>>;

/**
 * γ·x / √(mean(x²) + eps) over the last axis; no mean is taken away and there is no bias.
 * @param x […, C]
 * @example rmsNorm(tf, [3, 4], γ = 1, 0) // [0.8485, 1.1314]: √12.5 = 3.5355
 * @see Zhang & Sennrich 2019, eq. 4
 */
export function rmsNorm<T extends Tensor>(tf: TensorFlow, x: T, { weight }: RmsNormWeights, eps: number): T {
  return x.mul<T>(tf.mean(x.square(), -1, true).add(eps).rsqrt()).mul(weight);
}
