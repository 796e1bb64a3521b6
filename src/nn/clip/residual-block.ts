import { attention, joinHeads, splitHeads } from "../attention.js";
import { layerNorm, planLayerNorm } from "../layer-norm.js";
import { mapVectors, planLinear } from "../mlp.js";
import { constant, normal, parameter, type Weights } from "../plan.js";
import type { Rank, Tensor, Tensor3D, Tensor4D, TensorFlow } from "../tensorflow.js";

const eps = 1e-5;

/** Paths and start values are CLIP's; `depth` is the tower's number of blocks. */
export const planResidualBlock = (width: number, depth: number) => {
  const [attend, project, think] = [width ** -0.5, width ** -0.5 * (2 * depth) ** -0.5, (2 * width) ** -0.5];
  const weight = (rows: number, columns: number, deviation: number) => parameter<Rank.R2>([rows, columns], normal(deviation));
  const zeros = (length: number) => parameter<Rank.R1>([length], constant(0));
  return {
    attn: { in_proj_weight: weight(3 * width, width, attend), in_proj_bias: zeros(3 * width), out_proj: { weight: weight(width, width, project), bias: zeros(width) } },
    ln_1: planLayerNorm(width),
    mlp: { c_fc: { ...planLinear(width, 4 * width), weight: weight(4 * width, width, think) }, c_proj: { ...planLinear(4 * width, width), weight: weight(width, 4 * width, project) } },
    ln_2: planLayerNorm(width),
  };
};

export type ResidualBlockWeights = Weights<ReturnType<typeof planResidualBlock>>;

/** x·σ(1.702x), CLIP's stand-in for GELU. @example quickGelu(tf.tensor1d([-1, 0, 1])) // [-0.1542, 0, 0.8458] */
export function quickGelu<T extends Tensor>(x: T): T {
  return x.mul(x.mul<T>(1.702).sigmoid());
}

/**
 * A transformer block with the norms first: x + attention(ln₁ x), then x + mlp(ln₂ x).
 * @param x [B, N, C]
 * @param mask added to the attention scores, [N, N]
 */
export function residualBlock(tf: TensorFlow, x: Tensor3D, w: ResidualBlockWeights, heads: number, mask?: Tensor): Tensor3D {
  const { q, k, v } = projections(tf, x, w, heads);
  return finish(tf, x, attention(tf, q, k, v, mask), w);
}

/** {@link residualBlock}, and how its tokens looked at each other: the mean over heads, [B, N, N], rows sum to 1. */
export function residualBlockSeen(tf: TensorFlow, x: Tensor3D, w: ResidualBlockWeights, heads: number): { x: Tensor3D; seen: Tensor3D } {
  const { q, k, v } = projections(tf, x, w, heads);
  const looks = tf.matMul(q.mul<Tensor4D>(1 / Math.sqrt(q.shape[3])), k, false, true).softmax() as Tensor4D; // [B, H, N, N]
  return { x: finish(tf, x, tf.matMul(looks, v), w), seen: looks.mean(1) };
}

function projections(tf: TensorFlow, x: Tensor3D, { attn, ln_1 }: ResidualBlockWeights, heads: number): { q: Tensor4D; k: Tensor4D; v: Tensor4D } {
  const qkv = mapVectors(tf, layerNorm(tf, x, ln_1, eps), { weight: attn.in_proj_weight, bias: attn.in_proj_bias }); // [B, N, 3C]
  const [q, k, v] = tf.split<Tensor3D>(qkv, 3, 2).map((part) => splitHeads(tf, part, heads)); // [B, H, N, d]
  return { q, k, v };
}

function finish(tf: TensorFlow, x: Tensor3D, mixed: Tensor4D, { attn, ln_2, mlp }: ResidualBlockWeights): Tensor3D {
  const attended = x.add<Tensor3D>(mapVectors(tf, joinHeads(tf, mixed), attn.out_proj));
  const hidden = quickGelu(mapVectors(tf, layerNorm(tf, attended, ln_2, eps), mlp.c_fc)); // [B, N, 4C]
  return attended.add(mapVectors(tf, hidden, mlp.c_proj));
}
