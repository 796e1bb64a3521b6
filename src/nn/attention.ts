import { constant, parameter, uniform, type Weights } from "./plan.js";
import { mapVectors, planLinear } from "./mlp.js";
import type { Rank, Tensor, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** [B, N, H·d] → [B, H, N, d] */
export function splitHeads(tf: TensorFlow, x: Tensor3D, heads: number): Tensor4D {
  const [batch, tokens, width] = x.shape;
  return tf.transpose(x.reshape([batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
}

/** [B, H, N, d] → [B, N, H·d] */
export function joinHeads(tf: TensorFlow, x: Tensor4D): Tensor3D {
  const [batch, heads, tokens, width] = x.shape;
  return tf.transpose(x, [0, 2, 1, 3]).reshape([batch, tokens, heads * width]);
}

/**
 * softmax(q·kᵀ/√d + bias)·v
 * @param q [B, H, N, d]
 * @param k [B, H, K, d]
 * @param v [B, H, K, e]
 * @param bias added to the scores, [B, H, N, K]
 * @returns [B, H, N, e]
 * @see Vaswani et al. 2017, eq. 1
 */
export function attention(tf: TensorFlow, q: Tensor4D, k: Tensor4D, v: Tensor4D, bias?: Tensor): Tensor4D {
  const scores = tf.matMul(q.mul<Tensor4D>(1 / Math.sqrt(q.shape[3])), k, false, true); // [B, H, N, K]
  return tf.matMul((bias === undefined ? scores : scores.add<Tensor4D>(bias)).softmax(), v);
}

/** Attention with its own projections into `inner` dimensions and back: SAM's `Attention` of the mask decoder. */
export const planProjectedAttention = (width: number, inner: number) => {
  const projection = () => ({
    weight: parameter<Rank.R2>([inner, width], uniform(Math.sqrt(6 / (width + 3 * inner)))),
    bias: parameter<Rank.R1>([inner], constant(0)),
  });
  const out = { ...planLinear(inner, width), bias: parameter<Rank.R1>([width], constant(0)) };
  return { q_proj: projection(), k_proj: projection(), v_proj: projection(), out_proj: out };
};

export type ProjectedAttentionWeights = Weights<ReturnType<typeof planProjectedAttention>>;

/** Queries [B, N, C] look at keys [B, K, C] and take from values [B, K, C]. → [B, N, C] */
export function projectedAttention(tf: TensorFlow, q: Tensor3D, k: Tensor3D, v: Tensor3D, w: ProjectedAttentionWeights, heads: number): Tensor3D {
  const [queries, keys, values] = [mapVectors(tf, q, w.q_proj), mapVectors(tf, k, w.k_proj), mapVectors(tf, v, w.v_proj)];
  const mixed = attention(tf, splitHeads(tf, queries, heads), splitHeads(tf, keys, heads), splitHeads(tf, values, heads));
  return mapVectors(tf, joinHeads(tf, mixed), w.out_proj);
}
