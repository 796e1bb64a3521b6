import { biasedConv2d, mlp, planConv, planMlp, type Weights } from "../../nn/index.js";
import type { AespaConfig } from "./config.js";
import type { Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** From responsibilities to the weights of the mixture: M → 64 → 128 → 256 → 128 → 64 → M. 84,624 parameters at M 16. */
export const planWeightNetwork = ({ preference: { components } }: AespaConfig) => planMlp([components, 64, 128, 256, 128, 64, components]);

/** From clicks to means and variances; 545,408 parameters at C 256, M 16. */
export const planMeanVarianceNetwork = ({ sam: { channels }, preference: { components } }: AespaConfig) => ({
  tokens: [planConv([1, 3], channels, 128), planConv([1, 3], 128, 64)],
  image: [planConv(3, channels, 128), planConv(3, 128, 64), planConv(3, 64, 32)],
  out: planMlp([64 + 4 * 32, 128, 64, 2 * components]),
});

export type WeightNetwork = Weights<ReturnType<typeof planWeightNetwork>>;
export type MeanVarianceNetwork = Weights<ReturnType<typeof planMeanVarianceNetwork>>;

/** A preference: a mixture of M Gaussians over pixel values. One row an item, or one row for the whole batch. */
export interface Preference {
  /** [B, M] or [1, M], rows sum to 1 */
  readonly weights: Tensor2D;
  readonly means: Tensor2D;
  /** Above 0. */
  readonly variances: Tensor2D;
}

/** Responsibilities [B, M] to mixture weights [B, M], rows of a softmax. */
export function weightNetwork(tf: TensorFlow, responsibilities: Tensor2D, weights: WeightNetwork): Tensor2D {
  return mlp(tf, responsibilities, weights).softmax();
}

/**
 * @param clicks [B, T + 1, C]
 * @param positions [1, g, g, C]
 * @returns means and variances [B, M] each; variance = ReLU + 1e-6
 * @see AESPA spec §3.4
 */
export function meanVarianceNetwork(tf: TensorFlow, clicks: Tensor3D, positions: Tensor4D, w: MeanVarianceNetwork): Pick<Preference, "means" | "variances"> {
  const [batch, tokens, channels] = clicks.shape;
  const row = clicks.reshape<Tensor4D>([batch, 1, tokens, channels]);
  const sparse = w.tokens.reduce((x, layer) => biasedConv2d(tf, x, layer, { padding: "same" }).relu<Tensor4D>(), row).mean<Tensor2D>([1, 2]); // [B, 64]
  const map = w.image.reduce((x, layer) => biasedConv2d(tf, x, layer, { padding: "same" }).relu<Tensor4D>(), positions); // [1, g, g, 32]
  const half = map.shape[1] / 2;
  const dense = tf.avgPool(map, half, half, "valid").transpose([0, 3, 1, 2]).reshape<Tensor2D>([1, 4 * map.shape[3]]); // [1, 128], channel by channel
  const [means, raw] = tf.split<Tensor2D>(mlp(tf, tf.concat([sparse, tf.tile(dense, [batch, 1])], 1), w.out), 2, 1);
  return { means, variances: raw.relu<Tensor2D>().add(1e-6) };
}

/** As the published code: every item takes the mean over the batch. [B, M] → [1, M] */
export function overBatch(x: Tensor2D): Tensor2D {
  return x.mean<Tensor2D>(0, true);
}

/** Rows divided by their sum. */
export function renormalised(tf: TensorFlow, x: Tensor2D): Tensor2D {
  return tf.div(x, x.sum(1, true));
}

/**
 * The latent as the code really has it: z = Σ w_k(μ_k + ε·σ_k) with one ε for all k – one Gaussian, not a mixture.
 * With ε = 0, as in AESPA, it is one number.
 * @param noise [N, L] for SPA's samples; none for AESPA
 * @returns [rows, 1] without noise, else [N, L] of a preference of one row
 * @see AESPA spec §3.1, test vector 8
 */
export function latent(tf: TensorFlow, { weights, means, variances }: Preference, noise?: Tensor2D): Tensor2D {
  const centre = weights.mul(means).sum<Tensor2D>(1, true);
  if (noise === undefined) return centre;
  const spread = weights.mul(variances.sqrt()).sum<Tensor2D>(1, true);
  return tf.add(centre, spread.mul(noise));
}
