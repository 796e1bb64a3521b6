import { patchConv2d } from "../biased-conv.js";
import { layerNorm, planLayerNorm } from "../layer-norm.js";
import { normal, parameter, type Weights } from "../plan.js";
import type { Rank, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "../tensorflow.js";
import { patchesASide, type ClipConfig } from "./config.js";
import { planResidualBlock, residualBlock } from "./residual-block.js";

const eps = 1e-5;

/** Channel means and deviations of the pixels in [0, 1] that CLIP was trained with. */
export const clipMean = [0.48145466, 0.4578275, 0.40821073] as const;
export const clipDeviation = [0.26862954, 0.26130258, 0.27577711] as const;

/** Paths are those of OpenAI's `visual.*`. */
export const planVisionTower = (config: ClipConfig) => {
  const { patch, visionWidth: width, visionBlocks, joint } = config;
  const scale = width ** -0.5;
  return {
    conv1: { weight: parameter<Rank.R4>([patch, patch, 3, width], normal(1 / Math.sqrt(3 * patch * patch))) },
    class_embedding: parameter<Rank.R1>([width], normal(scale)),
    positional_embedding: parameter<Rank.R2>([patchesASide(config) ** 2 + 1, width], normal(scale)),
    ln_pre: planLayerNorm(width),
    transformer: { resblocks: Array.from({ length: visionBlocks }, () => planResidualBlock(width, visionBlocks)) },
    ln_post: planLayerNorm(width),
    proj: parameter<Rank.R2>([width, joint], normal(scale)),
  };
};

export type VisionTowerWeights = Weights<ReturnType<typeof planVisionTower>>;

/**
 * Patches with their places, before the first block; token 0 is the class token.
 * @param images [B, S, S, 3], normalised by {@link clipMean} and {@link clipDeviation}
 * @returns [B, g·g + 1, C]
 */
export function embedPatches(tf: TensorFlow, images: Tensor4D, w: VisionTowerWeights): Tensor3D {
  const { weight } = w.conv1;
  const width = weight.shape[3];
  const [batch, height] = images.shape;
  const side = height / weight.shape[0];
  const noBias = { weight, bias: tf.zeros<Rank.R1>([width]) as unknown as VisionTowerWeights["class_embedding"] };
  const patches = patchConv2d(tf, images, noBias).reshape<Tensor3D>([batch, side * side, width]);
  const first = tf.tile(w.class_embedding.reshape<Tensor3D>([1, 1, width]), [batch, 1, 1]);
  return layerNorm(tf, tf.concat([first, patches], 1).add<Tensor3D>(w.positional_embedding), w.ln_pre, eps);
}

/**
 * The tokens after some of the blocks, all unless given; LLaVA and its kin take all but the last.
 * @returns [B, g·g + 1, C]
 */
export function visionTokens(tf: TensorFlow, images: Tensor4D, w: VisionTowerWeights, config: ClipConfig, { blocks = config.visionBlocks } = {}): Tensor3D {
  return w.transformer.resblocks.slice(0, blocks).reduce((x, block) => residualBlock(tf, x, block, config.visionHeads), embedPatches(tf, images, w));
}

/** The class token of the last block in the joint space. [B, N, C] → [B, joint], not normalised */
export function projectClassToken(tf: TensorFlow, tokens: Tensor3D, { ln_post, proj }: VisionTowerWeights): Tensor2D {
  const [batch, , width] = tokens.shape;
  const first = tf.slice(tokens, [0, 0, 0], [-1, 1, -1]).reshape<Tensor2D>([batch, width]);
  return tf.matMul(layerNorm(tf, first, ln_post, eps), proj as Tensor2D);
}

/** [B, S, S, 3] → [B, joint], not normalised. @see Radford et al. 2021, §2.4 */
export function encodeImage(tf: TensorFlow, images: Tensor4D, w: VisionTowerWeights, config: ClipConfig): Tensor2D {
  return projectClassToken(tf, visionTokens(tf, images, w, config), w);
}
