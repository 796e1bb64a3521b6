import { seededRandom, type Random } from "../../core/index.js";
import {
  clickTokens, densePositions, imageEncoder, interpolate, maskDecoder, maskPrompt, materialise, planImageEncoder, planMaskDecoder, planPromptEncoder,
  type Weights,
} from "../../nn/index.js";
import type { AespaConfig } from "./config.js";
import type { Click } from "./click.js";
import { fcomb, planFcomb } from "./fcomb.js";
import { latent, meanVarianceNetwork, overBatch, planMeanVarianceNetwork, planWeightNetwork, renormalised, weightNetwork, type Preference } from "./preference.js";
import type { Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** Everything that is trained: 94,521,920 parameters at `paper`, 768,704 at `small`. */
export const planAespa = (config: AespaConfig) => ({
  image_encoder: { ...planImageEncoder(config.sam), fcomb: planFcomb(config) },
  prompt_encoder: planPromptEncoder(config.sam),
  mask_decoder: planMaskDecoder(config.sam),
  EM_weights: planWeightNetwork(config),
  EM_mean_variance: planMeanVarianceNetwork(config),
});

export type AespaWeights = Weights<ReturnType<typeof planAespa>>;

/** A model and what it starts every image with. */
export interface AespaModel {
  readonly config: AespaConfig;
  readonly seed: number;
  readonly weights: AespaWeights;
  /** w⁰, [M]: mixture weights before the first click. Not trained; sums to 1. */
  readonly start: Float32Array;
}

export function initAespa(tf: TensorFlow, config: AespaConfig, seed: number): AespaModel {
  const random = seededRandom(seed).stream("aespa");
  return { config, seed, weights: materialise(tf, planAespa(config), random.stream("weights")), start: startWeights(config, random.stream("start")) };
}

function startWeights({ preference: { components } }: AespaConfig, random: Random): Float32Array {
  const draws = Float32Array.from({ length: components }, () => random.uniform());
  const sum = draws.reduce((total, x) => total + x, 0);
  return draws.map((x) => x / sum);
}

/** [B, S, S, 3] in [0, 1] → [B, g, g, C]; does not depend on clicks. */
export function encode(tf: TensorFlow, images: Tensor4D, { weights, config }: AespaModel): Tensor4D {
  return imageEncoder(tf, images, weights.image_encoder, config.sam);
}

/** Tokens of the clicks so far; every item has as many. → [B, T + 1, C] */
export function encodeClicks(tf: TensorFlow, clicks: readonly (readonly Click[])[], model: AespaModel): Tensor3D {
  const [tensor] = clickTensor(tf, clicks, model.config);
  return tokensOf(tf, clicks.length, tensor, model);
}

/** Clicks as numbers, [B, T, 3]: place in the order the model reads it, and label. None for no clicks. */
export function clickTensor(tf: TensorFlow, clicks: readonly (readonly Click[])[], { form }: AespaConfig): [] | [Tensor3D] {
  const count = clicks[0].length;
  if (count === 0) return [];
  const rows = clicks.flat().flatMap(({ x, y, label }) => (form.clickOrder === "xy" ? [x, y, label] : [y, x, label]));
  return [tf.tensor3d(rows, [clicks.length, count, 3], "float32")];
}

/** @param clicks [B, T, 3] of {@link clickTensor} → [B, T + 1, C] */
export function tokensOf(tf: TensorFlow, batch: number, clicks: Tensor3D | undefined, { weights, config: { sam } }: AespaModel): Tensor3D {
  if (clicks === undefined) return clickTokens(tf, batch, undefined, weights.prompt_encoder, sam);
  const [places, label] = tf.split<Tensor3D>(clicks, [2, 1], 2); // [B, T, 2], [B, T, 1]
  return clickTokens(tf, batch, { places, labels: label.reshape<Tensor2D>([batch, -1]) }, weights.prompt_encoder, sam);
}

/**
 * The preference that clicks and the last responsibilities speak for.
 * @param tokens [B, T + 1, C]
 * @param responsibilities [B, M]
 * @param over `batch-mean` gives one row for all
 */
export function preferenceOf(tf: TensorFlow, tokens: Tensor3D, responsibilities: Tensor2D, model: AespaModel, over: "batch-mean" | "per-item"): Preference {
  const { weights, config } = model;
  const average = (x: Tensor2D): Tensor2D => (over === "batch-mean" ? overBatch(x) : x);
  const { means, variances } = meanVarianceNetwork(tf, tokens, densePositions(tf, weights.prompt_encoder, config.sam), weights.EM_mean_variance);
  const mixture = renormalised(tf, average(weightNetwork(tf, responsibilities, weights.EM_weights)));
  return { weights: mixture, means: average(means), variances: average(variances) };
}

export interface MaskInputs {
  /** [B, g, g, C] of {@link encode} */
  readonly features: Tensor4D;
  /** [B, T + 1, C] of {@link encodeClicks} */
  readonly tokens: Tensor3D;
  readonly preference: Preference;
  /** The last round's low-resolution logits; none in the first round. */
  readonly last: Tensor4D | undefined;
  /** SPA: one latent an item. */
  readonly noise?: Tensor2D;
}

/** One mask an item, as low-resolution logits [B, 4g, 4g, 1]. */
export function decodeMask(tf: TensorFlow, { features, tokens, preference, last, noise }: MaskInputs, { weights, config }: AespaModel): Tensor4D {
  const sampled = latent(tf, preference, noise);
  const centre = config.form.preferenceNetworks === "off" ? tf.zerosLike(sampled) : sampled;
  const z = centre.shape[1] === 1 ? tf.tile(centre, [1, config.preference.latent]) : centre; // the scalar on every channel
  const inputs = {
    image: fcomb(tf, features, z, weights.image_encoder.fcomb),
    imagePositions: densePositions(tf, weights.prompt_encoder, config.sam),
    clicks: tokens,
    mask: maskPrompt(tf, last, weights.prompt_encoder, config.sam),
  };
  return maskDecoder(tf, inputs, weights.mask_decoder, config.sam, { output: "single", form: "aespa" }).logits;
}

/** Low-resolution logits at the image's size. → [B, S·S] */
export function atImageSize(tf: TensorFlow, logits: Tensor4D, { sam, form }: AespaConfig): Tensor2D {
  return interpolate(tf, logits, sam.imageSize, sam.imageSize, form.upsampling).reshape([logits.shape[0], sam.imageSize ** 2]);
}

/** Starting responsibilities: w⁰ for every item. → [B, M] */
export function startResponsibilities(tf: TensorFlow, batch: number, { start }: AespaModel): Tensor2D {
  return tf.tile(tf.tensor2d(start, [1, start.length]), [batch, 1]);
}
