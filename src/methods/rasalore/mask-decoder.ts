import { attention, biasedConv2d, constant, joinHeads, layerNorm, mapVectors, normal, parameter, planConv, planLayerNorm, planLinear, splitHeads, uniform, type Weights } from "../../nn/index.js";
import type { NetworkConfig } from "./config.js";
import type { Dropout } from "./dropout.js";
import { planKaimingTransposed, transposedConv } from "./encoder.js";
import type { Rank, Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

const eps = 1e-5;

/** Paths are those of the published decoder file. */
export const planPointDecoder = ({ imageSize, channels, grid, upsampling: [first, second] }: NetworkConfig) => {
  const d = channels[3];
  const side = imageSize / 2;
  return {
    positional_encoding: parameter<Rank.R4>([side, side, d, 1], normal(1)), // [1, d, side, side] where it is saved
    cross_attention: {
      in_proj_weight: parameter<Rank.R2>([3 * d, d], uniform(Math.sqrt(6 / (4 * d)))),
      in_proj_bias: parameter<Rank.R1>([3 * d], constant(0)),
      out_proj: { ...planLinear(d, d), bias: parameter<Rank.R1>([d], constant(0)) },
    },
    norm1: planLayerNorm(d),
    norm2: planLayerNorm(grid * grid),
    upsample: { 0: planKaimingTransposed(4, grid * grid, first), 2: planKaimingTransposed(4, first, second), 4: planConv(1, second, 1, normal(Math.sqrt(2)), constant(0)) },
  };
};

export type PointDecoderWeights = Weights<ReturnType<typeof planPointDecoder>>;

/**
 * Enriched points look at the features once more; each pixel's likeness to each point is then one channel of a map that is
 * doubled twice.
 * @param points [B, K, d]
 * @param features [B, S/2, S/2, d]
 * @returns logits [B, 2S, 2S]
 * @see RASALoRE spec §3.5
 */
export function decodePoints(tf: TensorFlow, points: Tensor3D, features: Tensor4D, w: PointDecoderWeights, heads: number, dropout: Dropout): Tensor3D {
  const [batch, height, width, d] = features.shape;
  const plain = features.reshape<Tensor3D>([batch, height * width, d]);
  const placed = plain.add<Tensor3D>(w.positional_encoding.reshape([height * width, d]));
  const context = layerNorm(tf, dropout(lookAt(tf, points, plain, placed, w, heads), "numbers").add<Tensor3D>(points), w.norm1, eps); // [B, K, d]
  const likeness = layerNorm(tf, tf.matMul(plain, context, false, true), w.norm2, eps); // [B, h·w, K]
  const { 0: up1, 2: up2, 4: last } = w.upsample;
  const doubled = transposedConv(tf, likeness.reshape([batch, height, width, points.shape[1]]), up1, 2).relu<Tensor4D>(); // [B, S, S, ·]
  const twice = transposedConv(tf, doubled, up2, 2).relu<Tensor4D>(); // [B, 2S, 2S, ·]
  return biasedConv2d(tf, twice, last).reshape([batch, 4 * height, 4 * width]);
}

/** PyTorch's MultiheadAttention with queries, keys and values of their own. → [B, K, d] */
function lookAt(tf: TensorFlow, q: Tensor3D, k: Tensor3D, v: Tensor3D, { cross_attention: w }: PointDecoderWeights, heads: number): Tensor3D {
  const d = q.shape[2];
  const part = (x: Tensor3D, i: number): Tensor4D => {
    const weight = tf.slice(w.in_proj_weight as Tensor2D, [i * d, 0], [d, d]);
    const rows = tf.matMul(x.reshape<Tensor2D>([-1, d]), weight, false, true).add(tf.slice(w.in_proj_bias as Tensor1D, [i * d], [d]));
    return splitHeads(tf, rows.reshape(x.shape), heads);
  };
  return mapVectors(tf, joinHeads(tf, attention(tf, part(q, 0), part(k, 1), part(v, 2))), w.out_proj);
}
