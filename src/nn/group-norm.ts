import { groupNorm as normalise } from "../engine/index.js";
import { constant, parameter, type Weights } from "./plan.js";
import type { Rank, Tensor, Tensor1D, TensorFlow } from "./tensorflow.js";

/** γ 1, β 0 a channel. */
export const planGroupNorm = (channels: number) => ({ weight: parameter<Rank.R1>([channels], constant(1)), bias: parameter<Rank.R1>([channels], constant(0)) });

export type GroupNormWeights = Weights<ReturnType<typeof planGroupNorm>>;

/**
 * Group normalisation with PyTorch's names: each group of neighbouring channels by its own mean and deviation over all positions.
 * One group is layer normalisation of a whole image, a group a channel is instance normalisation.
 * @param x [N, …, C]
 * @throws InvalidValue when the groups do not divide the channels
 * @example groupNorm(tf, [[[1, 3]]], γ = 1, β = 0, { groups: 1 }) // [[[-1, 1]]]
 * @see Wu & He 2018, eq. 7; PyTorch `nn.GroupNorm`
 */
export function groupNorm<T extends Tensor>(tf: TensorFlow, x: T, { weight, bias }: GroupNormWeights, { groups, eps = 1e-5 }: { readonly groups: number; readonly eps?: number }): T {
  return normalise(tf, x, { groups, scale: weight as Tensor1D, offset: bias as Tensor1D, epsilon: eps });
}
