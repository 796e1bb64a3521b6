import { layerNorm, planLayerNorm } from "../layer-norm.js";
import { constant, normal, parameter, type Weights } from "../plan.js";
import type { Rank, Tensor2D, Tensor3D, TensorFlow } from "../tensorflow.js";
import type { ClipConfig } from "./config.js";
import { planResidualBlock, residualBlock } from "./residual-block.js";

const eps = 1e-5;

/** Paths are those of OpenAI's checkpoints, where they stand beside `visual`. */
export const planTextTower = ({ textWidth: width, textBlocks, vocabulary, context, joint }: ClipConfig) => ({
  token_embedding: { weight: parameter<Rank.R2>([vocabulary, width], normal(0.02)) },
  positional_embedding: parameter<Rank.R2>([context, width], normal(0.01)),
  transformer: { resblocks: Array.from({ length: textBlocks }, () => planResidualBlock(width, textBlocks)) },
  ln_final: planLayerNorm(width),
  text_projection: parameter<Rank.R2>([width, joint], normal(width ** -0.5)),
  /** Logarithm of what cosines are multiplied by. */
  logit_scale: parameter<Rank.R0>([], constant(Math.log(1 / 0.07))),
});

export type TextTowerWeights = Weights<ReturnType<typeof planTextTower>>;

/** Vectors of tokens: [B, T] → [B, T, C] */
export function embedTokens(tf: TensorFlow, tokens: readonly (readonly number[])[], { token_embedding }: TextTowerWeights): Tensor3D {
  return tf.gather(token_embedding.weight as Tensor2D, tf.tensor2d(tokens.map((row) => [...row]), undefined, "int32")) as unknown as Tensor3D;
}

/**
 * Texts in the joint space, from the vectors of their tokens, so that learned ones may stand among them.
 * @param embedded [B, T, C]
 * @param ends where each text's end token stands; what comes after it is not seen
 * @returns [B, joint], not normalised
 */
export function encodeEmbedded(tf: TensorFlow, embedded: Tensor3D, ends: readonly number[], w: TextTowerWeights, config: ClipConfig): Tensor2D {
  const [batch, length, width] = embedded.shape;
  const places = tf.slice(w.positional_embedding as Tensor2D, [0, 0], [length, -1]);
  const mask = causalMask(tf, length);
  const tokens = w.transformer.resblocks.reduce((x, block) => residualBlock(tf, x, block, config.textHeads, mask), embedded.add<Tensor3D>(places));
  const atEnd = tf.oneHot(tf.tensor1d([...ends], "int32"), length).toFloat().reshape<Tensor3D>([batch, 1, length]);
  const last = tf.matMul(atEnd, tokens).reshape<Tensor2D>([batch, width]);
  return tf.matMul(layerNorm(tf, last, w.ln_final, eps), w.text_projection as Tensor2D);
}

/** [B, T] of one length, padded after the end token → [B, joint], not normalised. @see Radford et al. 2021, §2.4 */
export function encodeText(tf: TensorFlow, tokens: readonly (readonly number[])[], end: number, w: TextTowerWeights, config: ClipConfig): Tensor2D {
  return encodeEmbedded(tf, embedTokens(tf, tokens, w), tokens.map((row) => row.indexOf(end)), w, config);
}

/** 0 where a token may look, −10⁹ where it may not: at what comes after it. */
function causalMask(tf: TensorFlow, length: number): Tensor2D {
  return tf.tensor2d(Float32Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? -1e9 : 0)), [length, length]);
}
