import { constant, parameter, type Weights } from "./plan.js";
import type { Rank, Tensor, TensorFlow } from "./tensorflow.js";

/** γ 1, β 0 over the last axis; over the channels of an NHWC map this is SAM's LayerNorm2d. */
export const planLayerNorm = (width: number) => ({ weight: parameter<Rank.R1>([width], constant(1)), bias: parameter<Rank.R1>([width], constant(0)) });

export type LayerNormWeights = Weights<ReturnType<typeof planLayerNorm>>;

/**
 * Layer normalisation over the last axis: γ·(x − mean)/√(var + eps) + β, population variance.
 * @param x […, C]
 * @see Ba, Kiros & Hinton 2016, eq. 3; PyTorch `nn.LayerNorm`
 */
export function layerNorm<T extends Tensor>(tf: TensorFlow, x: T, { weight, bias }: LayerNormWeights, eps: number): T {
  const mean = tf.mean(x, -1, true);
  const centred = x.sub(mean);
  const variance = centred.square().mean(-1, true);
  return centred.mul(variance.add(eps).rsqrt()).mul(weight).add(bias);
}
