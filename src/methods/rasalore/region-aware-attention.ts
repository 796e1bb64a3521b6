import { layerNorm, mapVectors, normal, parameter, planLayerNorm, planLinear, type Weights } from "../../nn/index.js";
import type { NetworkConfig } from "./config.js";
import type { Rank, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** Paths are those of the published encoder file's `adapter2`. */
export const planRegionAwareAttention = ({ imageSize, channels, heads, pointHidden: [first, second] }: NetworkConfig) => {
  const d = channels[3];
  const perHead = () => Array.from({ length: heads }, () => planLinear(d, d));
  return {
    query_projections: perHead(),
    key_projections: perHead(),
    value_projections: perHead(),
    output_proj: planLinear(heads * d, d),
    positional_noise_encoding: parameter<Rank.R2>([(imageSize / 2) ** 2, d], normal(1)),
    FF: { 0: planLinear(d, first), 2: planLayerNorm(first), 3: planLinear(first, second), 5: planLayerNorm(second), 6: planLinear(second, 1) },
  };
};

export type RegionAwareWeights = Weights<ReturnType<typeof planRegionAwareAttention>>;

/**
 * Region-aware spatial attention (RASA): candidate points ask the refined image where to look. Every head has the full width.
 * @param points [B, K, d]
 * @param refined [B, h, w, d]
 * @returns enriched points [B, K, d]
 * @see RASALoRE spec §3.5
 */
export function regionAwareAttention(tf: TensorFlow, points: Tensor3D, refined: Tensor4D, w: RegionAwareWeights): Tensor3D {
  const [batch, height, width, d] = refined.shape;
  const keys = refined.reshape<Tensor3D>([batch, height * width, d]); // row by row
  const values = keys.add<Tensor3D>(w.positional_noise_encoding); // learned, and not added to the keys
  const heads = w.query_projections.map((query, h) => {
    const scores = tf.matMul(mapVectors(tf, points, query), mapVectors(tf, keys, w.key_projections[h]), false, true); // [B, K, h·w]
    return tf.matMul(scores.mul<Tensor3D>(1 / Math.sqrt(d)).softmax(), mapVectors(tf, values, w.value_projections[h])); // [B, K, d]
  });
  return mapVectors(tf, tf.concat(heads, 2), w.output_proj).add(points);
}

/** How active each point is: [B, K, d] → [B, K] in (0, 1). */
export function pointActivations(tf: TensorFlow, points: Tensor3D, { FF }: RegionAwareWeights): Tensor2D {
  const eps = 1e-5;
  const first = layerNorm(tf, mapVectors(tf, points, FF[0]).relu<Tensor3D>(), FF[2], eps);
  const second = layerNorm(tf, mapVectors(tf, first, FF[3]).relu<Tensor3D>(), FF[5], eps);
  return mapVectors(tf, second, FF[6]).sigmoid().reshape([points.shape[0], points.shape[1]]);
}
