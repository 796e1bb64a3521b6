import type { Tensor, Tensor1D } from "@tensorflow/tfjs";
import { InvalidValue } from "../../core/index.js";
import type { TensorFlow } from "../engine.js";

export interface GroupNormOptions {
  readonly groups: number;
  /** Per-channel gain and shift, [C]. */
  readonly scale?: Tensor1D;
  readonly offset?: Tensor1D;
  /** 1e-5, as PyTorch. */
  readonly epsilon?: number;
}

/**
 * Group normalisation of x [N, …, C], channels last: mean and (biased) variance over all positions of a group of channels.
 * @throws InvalidValue when the groups do not divide the channels
 * @see Wu & He 2018, eq. 7; PyTorch `nn.GroupNorm`
 */
export function groupNorm<T extends Tensor>(tf: TensorFlow, x: T, { groups, scale, offset, epsilon = 1e-5 }: GroupNormOptions): T {
  const channels = x.shape[x.rank - 1];
  if (channels % groups !== 0) throw new InvalidValue("groupNorm", `groups must divide the ${channels} channels`, groups);
  const grouped = x.reshape([x.shape[0], -1, groups, channels / groups]); // [N, positions, G, C/G]
  const mean = tf.mean(grouped, [1, 3], true);
  const centred = tf.sub(grouped, mean);
  const variance = tf.mean(tf.square(centred), [1, 3], true);
  const normal = tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))).reshape(x.shape) as T;
  const scaled = scale ? tf.mul<T>(normal, scale) : normal;
  return offset ? tf.add<T>(scaled, offset) : scaled;
}
