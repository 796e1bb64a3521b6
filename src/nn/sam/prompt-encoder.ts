import { gelu } from "../../engine/index.js";
import { biasedConv2d, patchConv2d, planConv } from "../biased-conv.js";
import { layerNorm, planLayerNorm } from "../layer-norm.js";
import { normal, parameter, type Weights } from "../plan.js";
import type { Rank, Tensor, Tensor2D, Tensor3D, Tensor4D, TensorFlow, Variable } from "../tensorflow.js";
import { gridOf, type SamConfig } from "./config.js";

const eps = 1e-6;

/** Channels after the first and second halving of a mask prompt. */
const maskWidths = [4, 16] as const;

/** Paths are SAM's. Of the four point embeddings 0 is a negative and 1 a positive click; 2 and 3 are corners of a box. */
export const planPromptEncoder = ({ channels }: SamConfig) => {
  const embedding = () => ({ weight: parameter<Rank.R2>([1, channels], normal(1)) });
  const [first, second] = maskWidths;
  return {
    pe_layer: { positional_encoding_gaussian_matrix: parameter<Rank.R2>([2, channels / 2], normal(1), { trainable: false }) },
    point_embeddings: [embedding(), embedding(), embedding(), embedding()],
    not_a_point_embed: embedding(),
    mask_downscaling: { 0: planConv(2, 1, first), 1: planLayerNorm(first), 3: planConv(2, first, second), 4: planLayerNorm(second), 6: planConv(1, second, channels) },
    no_mask_embed: embedding(),
  };
};

export type PromptEncoderWeights = Weights<ReturnType<typeof planPromptEncoder>>;

/** Clicks of a batch: every item has the same number of them. */
export interface ClickTensors {
  /** [B, T, 2] in pixels of the model's image, in the order the model was trained with: (x, y) unless it is legacy. */
  readonly places: Tensor3D;
  /** [B, T] of 1 (belongs) and 0 (does not). */
  readonly labels: Tensor2D;
}

/**
 * Random Fourier features of places in the unit square: v = 2π(2c − 1)·G → [sin v, cos v].
 * @param places […, 2] in [0, 1]
 * @returns […, C]
 * @example fourierFeatures(tf, tf.tensor2d([[8.5 / 32, 24.5 / 32]]), G) // G = [[.25, 0], [0, .5]]: [−.6716, .9952, .7410, −.0980]
 * @see Tancik et al. 2020; AESPA spec §3.2, test vector 11
 */
export function fourierFeatures(tf: TensorFlow, places: Tensor, gaussian: Variable<Rank.R2> | Tensor2D): Tensor {
  const turned = tf.matMul(places.mul(2).sub(1).reshape<Tensor2D>([-1, 2]), gaussian as Tensor2D).mul(2 * Math.PI);
  return tf.concat([turned.sin(), turned.cos()], 1).reshape([...places.shape.slice(0, -1), 2 * gaussian.shape[1]]);
}

/** Features of the centres of the g×g cells. → [1, g, g, C] */
export function densePositions(tf: TensorFlow, weights: PromptEncoderWeights, config: SamConfig): Tensor4D {
  const grid = gridOf(config);
  const centres = Array.from({ length: grid * grid }, (_, i) => [((i % grid) + 0.5) / grid, (Math.floor(i / grid) + 0.5) / grid]); // (x, y)
  const places = tf.tensor(centres).reshape([1, grid, grid, 2]);
  return fourierFeatures(tf, places, weights.pe_layer.positional_encoding_gaussian_matrix) as Tensor4D;
}

/**
 * Tokens of clicks, and the pad token that SAM appends where there is no box.
 * @returns [B, T + 1, C]; with no clicks the pad token alone
 */
export function clickTokens(tf: TensorFlow, batch: number, clicks: ClickTensors | undefined, weights: PromptEncoderWeights, config: SamConfig): Tensor3D {
  const pad = tf.tile(weights.not_a_point_embed.weight.reshape<Tensor3D>([1, 1, config.channels]), [batch, 1, 1]);
  if (clicks === undefined) return pad;
  const features = fourierFeatures(tf, clicks.places.add(0.5).div(config.imageSize), weights.pe_layer.positional_encoding_gaussian_matrix);
  const label = tf.expandDims(clicks.labels, 2); // [B, T, 1]
  const [negative, positive] = weights.point_embeddings;
  const kind = label.mul(positive.weight).add(tf.sub(1, label).mul(negative.weight)); // [B, T, C]
  return tf.concat([features.add<Tensor3D>(kind), pad], 1);
}

/**
 * Tokens of a box an image: its two corners, which take the place of clicks and need no pad token.
 * @param boxes [B, 4] of x and y of the first corner, x and y of the second, in pixels of the model's image
 * @returns [B, 2, C]
 * @see Kirillov et al. 2023, appendix A
 */
export function boxTokens(tf: TensorFlow, boxes: Tensor2D, weights: PromptEncoderWeights, config: SamConfig): Tensor3D {
  const corners = boxes.reshape<Tensor3D>([boxes.shape[0], 2, 2]).add(0.5).div(config.imageSize);
  const features = fourierFeatures(tf, corners, weights.pe_layer.positional_encoding_gaussian_matrix);
  const [, , first, second] = weights.point_embeddings;
  return features.add(tf.concat([first.weight, second.weight] as Tensor2D[], 0));
}

/**
 * What is added to the image: the last mask's low-resolution logits, or a learned "no mask".
 * @param logits [B, 4g, 4g, 1]
 * @returns [B, g, g, C], or [1, 1, 1, C] to be spread
 */
export function maskPrompt(tf: TensorFlow, logits: Tensor4D | undefined, weights: PromptEncoderWeights, config: SamConfig): Tensor4D {
  if (logits === undefined) return weights.no_mask_embed.weight.reshape([1, 1, 1, config.channels]);
  const { 0: first, 1: norm1, 3: second, 4: norm2, 6: last } = weights.mask_downscaling;
  const half = gelu(tf, layerNorm(tf, patchConv2d(tf, logits, first), norm1, eps)); // [B, 2g, 2g, 4]
  const quarter = gelu(tf, layerNorm(tf, patchConv2d(tf, half, second), norm2, eps)); // [B, g, g, 16]
  return biasedConv2d(tf, quarter, last);
}
