import { seededRandom } from "../../core/index.js";
import { modalities } from "../../datasets/index.js";
import { gelu } from "../../engine/index.js";
import {
  causalLm, clipDeviation, clipMean, constant, embedIds, interpolate, loraScale, mapVectors, materialise, parameter, planCausalLm, planLinear, planLora, planVisionTower, uniform,
  visionTokens, type BpeTokenizer, type CausalLm, type NormMode, type Weights,
} from "../../nn/index.js";
import { imageTokens, type PrsMedConfig } from "./config.js";
import { deconvHead, planDeconvHead, type DeconvHeadWeights } from "./deconv.js";
import { maskHead, planMaskHead, type FusedMask, type MaskHeadWeights } from "./mask-head.js";
import { planVisionEncoder, visionMap } from "./vision-encoder.js";
import type { Rank, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** ImageNet's, as SAM takes pictures. */
const [samMean, samDeviation] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]] as const;

const planModalityHead = (channels: number) => ({
  weight: parameter<Rank.R2>([modalities.length, channels], uniform(Math.sqrt(6 / (channels + modalities.length)))),
  bias: parameter<Rank.R1>([modalities.length], constant(1)),
});

/** LLaVA-Med, or what stands in for it: CLIP tower, projector, language model. */
export const planVlm = ({ clip, lm }: Pick<PrsMedConfig, "clip" | "lm">) => ({
  vision_tower: planVisionTower(clip),
  mm_projector: { 0: planLinear(clip.visionWidth, lm.width), 2: planLinear(lm.width, lm.width) },
  language_model: planCausalLm(lm),
});

/** Either head; the deconvolutions double the map as often as the mask is larger. */
const planHead = ({ head, parts }: PrsMedConfig): ReturnType<typeof planMaskHead> | ReturnType<typeof planDeconvHead> =>
  parts.head === "deconvolutions" ? planDeconvHead(head, Math.log2(head.upsampling)) : planMaskHead(head);

/** Everything. Of it, `vlm` is frozen in training; 26 million parameters at `paper` are not. */
export const planPrsMed = (config: PrsMedConfig) => ({
  vlm: planVlm(config),
  lora: planLora(config.lm, config.lora),
  image_encoder: planVisionEncoder(config.encoder),
  mask_decoder: planHead(config),
  cls: planModalityHead(config.encoder.channels),
});

export type PrsMedWeights = Weights<ReturnType<typeof planPrsMed>>;

export interface PrsMedModel {
  readonly config: PrsMedConfig;
  readonly seed: number;
  readonly tokenizer: BpeTokenizer;
  readonly weights: PrsMedWeights;
}

export function initPrsMed(tf: TensorFlow, config: PrsMedConfig, tokenizer: BpeTokenizer, seed: number): PrsMedModel {
  return { config, seed, tokenizer, weights: materialise(tf, planPrsMed(config), seededRandom(seed).stream("prs-med")) };
}

/** The language model as it runs, with or without its adapters. */
export function languageModel({ config, weights }: PrsMedModel, adapters: "with" | "without"): CausalLm {
  const base = { config: config.lm, weights: weights.vlm.language_model };
  return adapters === "without" ? base : { ...base, lora: { weights: weights.lora, scale: loraScale(config.lora) } };
}

/** Pixels [B, S, S, 3] of 0–255, brought to the tower's own size → tokens of all blocks but the last, the class token left out: [B, tokens, C]. Never trained with PRS-Med. */
export function towerTokens(tf: TensorFlow, pixels: Tensor4D, { vision_tower }: Pick<PrsMedWeights["vlm"], "vision_tower">, { clip }: PrsMedConfig): Tensor3D {
  const scaled = pixels.shape[1] === clip.imageSize ? pixels : interpolate(tf, pixels, clip.imageSize, clip.imageSize, "bilinear");
  const images = scaled.div(255).sub(tf.tensor1d([...clipMean])).div<Tensor4D>(tf.tensor1d([...clipDeviation]));
  return tf.slice(visionTokens(tf, images, vision_tower, clip, { blocks: clip.visionBlocks - 1 }), [0, 1, 0]);
}

/**
 * What the language model reads: `<s>`, the picture, the text.
 * @param picture [B, tokens, C] of {@link towerTokens}
 * @param ids [B, T] int32
 * @returns [B, T, d]
 */
export function spliced(tf: TensorFlow, picture: Tensor3D, ids: Tensor2D, { vlm }: PrsMedWeights, lm: CausalLm): Tensor3D {
  const { 0: first, 2: second } = vlm.mm_projector;
  const seen = mapVectors(tf, gelu(tf, mapVectors(tf, picture, first)), second); // [B, tokens, d]
  const words = embedIds(tf, ids, lm); // [B, T, d]
  const tokens = picture.shape[1];
  return tf.concat([words.slice([0, 0, 0], [-1, 1, -1]), seen, words.slice([0, 1 + tokens, 0])], 1);
}

/** Hidden states after the last norm, [B, T, d]. */
export function hiddenStates(tf: TensorFlow, picture: Tensor3D, ids: Tensor2D, { weights }: PrsMedModel, lm: CausalLm): Tensor3D {
  return causalLm(tf, spliced(tf, picture, ids, weights, lm), lm).hidden;
}

/** Pixels [B, S, S, 3] of 0–255 → the dense map [B, g, g, C]. */
export function encodeMap(tf: TensorFlow, pixels: Tensor4D, { image_encoder }: Pick<PrsMedWeights, "image_encoder">, { encoder }: PrsMedConfig, mode: NormMode): Tensor4D {
  const images = pixels.div(255).sub(tf.tensor1d([...samMean])).div<Tensor4D>(tf.tensor1d([...samDeviation]));
  return visionMap(tf, images, image_encoder, encoder, mode);
}

/** Modality logits [B, 6] from the map's mean. */
export function modalityLogits(tf: TensorFlow, map: Tensor4D, { cls }: Pick<PrsMedWeights, "cls">): Tensor2D {
  return mapVectors(tf, map.mean<Tensor2D>([1, 2]), cls);
}

/**
 * The mask for what the prompt says.
 * @param prompt [B, T, d]; zeros for a model without text
 * @param counts [B, T]: which places the map may look at; undefined for all
 * @param mode of the batch norms, which only the deconvolutions have
 */
export function drawMask(tf: TensorFlow, map: Tensor4D, prompt: Tensor3D, counts: Tensor2D | undefined, { weights, config }: PrsMedModel, mode: NormMode): FusedMask {
  if (config.parts.head === "convolutions") return maskHead(tf, map, prompt, counts, weights.mask_decoder as MaskHeadWeights, config.head, config.parts.fusion);
  return deconvHead(tf, map, prompt, counts, weights.mask_decoder as DeconvHeadWeights, config.head, mode);
}

/** How a row's text is laid out for this model. */
export const encodingOf = (config: PrsMedConfig) => ({ places: config.places, imageTokens: imageTokens(config), wordWeight: config.training.wordWeight, answerEnd: config.form.answerEnd });
