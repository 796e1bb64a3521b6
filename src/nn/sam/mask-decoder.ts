import { gelu } from "../../engine/index.js";
import { planUpConv, upConv2d } from "../biased-conv.js";
import { layerNorm, planLayerNorm } from "../layer-norm.js";
import { mlp, planMlp } from "../mlp.js";
import { normal, parameter, type Weights } from "../plan.js";
import type { Rank, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "../tensorflow.js";
import type { SamConfig } from "./config.js";
import { planTwoWayTransformer, twoWayTransformer, type TwoWayForm } from "./two-way-transformer.js";

/** Masks a decoder can give: one for a clear prompt, three more for an ambiguous one. */
const maskTokens = 4;

/** Paths are SAM's. */
export const planMaskDecoder = (config: SamConfig) => {
  const { channels: c } = config;
  return {
    transformer: planTwoWayTransformer(config),
    iou_token: { weight: parameter<Rank.R2>([1, c], normal(1)) },
    mask_tokens: { weight: parameter<Rank.R2>([maskTokens, c], normal(1)) },
    output_upscaling: { 0: planUpConv(c, c / 4), 1: planLayerNorm(c / 4), 3: planUpConv(c / 4, c / 8) },
    output_hypernetworks_mlps: Array.from({ length: maskTokens }, () => planMlp([c, c, c, c / 8])),
    iou_prediction_head: planMlp([c, c, c, maskTokens]),
  };
};

export type MaskDecoderWeights = Weights<ReturnType<typeof planMaskDecoder>>;

export interface DecoderInputs {
  /** [B, g, g, C] */
  readonly image: Tensor4D;
  /** [1, g, g, C] */
  readonly imagePositions: Tensor4D;
  /** [B, T + 1, C] */
  readonly clicks: Tensor3D;
  /** [B, g, g, C] or [1, 1, 1, C], added to the image */
  readonly mask: Tensor4D;
}

export interface DecoderOptions {
  /** `single` gives mask 0; `multiple` masks 1–3. */
  readonly output: "single" | "multiple";
  readonly form: TwoWayForm;
}

/**
 * Prompts and image to masks.
 * @returns logits [B, 4g, 4g, masks] and the predicted overlap [B, masks] of each mask, untrained where nothing trains it
 * @see Kirillov et al. 2023, appendix A; AESPA spec §3.3
 */
export function maskDecoder(tf: TensorFlow, inputs: DecoderInputs, weights: MaskDecoderWeights, config: SamConfig, options: DecoderOptions): { logits: Tensor4D; iou: () => Tensor2D } {
  const { image, imagePositions, clicks } = inputs;
  const [batch, height, width, c] = image.shape;
  const own = tf.concat([weights.iou_token.weight, weights.mask_tokens.weight] as Tensor2D[], 0).reshape<Tensor3D>([1, 1 + maskTokens, c]);
  const tokens = tf.concat([tf.tile(own, [batch, 1, 1]), clicks], 1); // [B, 6 + T, C]
  const source = image.add<Tensor4D>(inputs.mask).reshape<Tensor3D>([batch, height * width, c]);
  const positions = imagePositions.reshape<Tensor3D>([1, height * width, c]);
  const both = twoWayTransformer(tf, tokens, source, positions, weights.transformer, { decoderHeads: config.decoderHeads, form: options.form });

  const { 0: up1, 1: norm, 3: up2 } = weights.output_upscaling;
  const doubled = gelu(tf, layerNorm(tf, upConv2d(tf, both.image.reshape([batch, height, width, c]), up1), norm, 1e-6)); // [B, 2g, 2g, C/4]
  const pixels = gelu(tf, upConv2d(tf, doubled, up2)).reshape<Tensor3D>([batch, 16 * height * width, c / 8]); // [B, 16g², C/8]
  const wanted = options.output === "single" ? [0] : [1, 2, 3];
  const hyper = wanted.map((mask) => mlp(tf, tokenAt(tf, both.tokens, 1 + mask), weights.output_hypernetworks_mlps[mask])); // [B, 1, C/8]
  const logits = tf.matMul(pixels, tf.concat(hyper, 1), false, true).reshape<Tensor4D>([batch, 4 * height, 4 * width, wanted.length]);
  const iou = (): Tensor2D => {
    const scores = mlp(tf, tokenAt(tf, both.tokens, 0), weights.iou_prediction_head).reshape<Tensor2D>([batch, maskTokens]);
    return tf.slice(scores, [0, wanted[0]], [-1, wanted.length]);
  };
  return { logits, iou };
}

/** [B, N, C] → [B, 1, C] */
const tokenAt = (tf: TensorFlow, tokens: Tensor3D, at: number): Tensor3D => tf.slice(tokens, [0, at, 0], [-1, 1, -1]);
