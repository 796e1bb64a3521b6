import { seededRandom } from "../../core/index.js";
import {
  embedPatches, embedTokens, encodeEmbedded, encodeImage, encodeText, framed, l2Normalise, layerNorm, mapVectors, materialise, normal, parameter, planLayerNorm, planLinear,
  projectClassToken, residualBlock, residualBlockSeen, uniform, type Weights,
} from "../../nn/index.js";
import type { DdptConfig } from "./config.js";
import type { FrozenClip } from "./frozen.js";
import type { Rank, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

const eps = 1e-5;

/** Label 0, label 1: the folders' names, sorted, as the published code takes them. */
export const classNames = ["Healthy", "Unhealthy"] as const;

const handWritten = classNames.map((name) => `a photo of a ${name} brain.`);

const planPlain = (inputs: number, outputs: number) => ({ weight: parameter<Rank.R2>([outputs, inputs], uniform(1 / Math.sqrt(inputs))) });

/** Everything that stage 1 trains: 1,137,920 numbers on ViT-B/32. Paths are the published modules'. */
export const planDdpt = ({ clip, textTokens, visualTokens, attentionWidth, extraTokens }: DdptConfig) => {
  const { visionWidth: width, visionBlocks, joint, textWidth } = clip;
  const prompts = <R extends Rank>(...shape: number[]) => parameter<R>(shape as never, normal(0.02));
  return {
    text: { ctx: prompts<Rank.R2>(textTokens, textWidth) },
    visual: { ctx: prompts<Rank.R3>(visionBlocks - 1, visualTokens, width) },
    class_aware: {
      meta_nets: [planLinear(joint, width)] as const,
      attns: [{ kmlp: planPlain(width, attentionWidth), qmlp: planPlain(width, attentionWidth), vmlp: planPlain(width, width) }] as const,
      lns: [planLayerNorm(width)] as const,
      lns2: [planLayerNorm(width)] as const,
      classfiers: [planPlain(width, classNames.length)] as const, // spelt so in the published files
      ctx: prompts<Rank.R3>(1, extraTokens, width),
    },
  };
};

export type DdptWeights = Weights<ReturnType<typeof planDdpt>>;

export interface DdptModel {
  readonly config: DdptConfig;
  readonly clip: FrozenClip;
  readonly weights: DdptWeights;
}

export function initDdpt(tf: TensorFlow, config: DdptConfig, clip: FrozenClip, seed: number): DdptModel {
  return { config, clip, weights: materialise(tf, planDdpt(config), seededRandom(seed).stream("ddpt")) };
}

/** Features of the two class texts, [2, joint], of length 1. Hand-written ones do not depend on training. */
export function handWrittenFeatures(tf: TensorFlow, { config, text, tokenizer }: FrozenClip): Tensor2D {
  const tokens = handWritten.map((sentence) => framed(tokenizer.encode(sentence), tokenizer, config.context));
  return l2Normalise(tf, encodeText(tf, tokens, tokenizer.end, text, config));
}

export type ClassTexts = {
  /** T, [2, joint], of length 1: what images are compared with. */
  readonly features: Tensor2D;
  /** The same as {@link promptedImage} asks with them. */
  readonly asking: Tensor2D;
};

export function classTexts(tf: TensorFlow, model: DdptModel): ClassTexts {
  const raw = learnedTexts(tf, model);
  const features = l2Normalise(tf, raw);
  return { features, asking: model.config.promptTexts === "raw" ? raw : features };
}

/** `[start] v₁ … vₙ <class> . [end]` with the learned vectors in place (CoOp). → [2, joint], of any length */
export function learnedTexts(tf: TensorFlow, { config, clip: { config: sizes, text, tokenizer }, weights }: DdptModel): Tensor2D {
  const n = config.textTokens;
  const tokens = classNames.map((name) => framed(tokenizer.encode(`${"X ".repeat(n)}${name}.`), tokenizer, sizes.context));
  const embedded = embedTokens(tf, tokens, text); // [2, T, C]
  const [classes, length, width] = embedded.shape;
  const learned = tf.tile(weights.text.ctx.reshape<Tensor3D>([1, n, width]), [classes, 1, 1]);
  const parts = [tf.slice(embedded, [0, 0, 0], [-1, 1, -1]), learned, tf.slice(embedded, [0, 1 + n, 0], [-1, length - 1 - n, -1])];
  return encodeEmbedded(tf, tf.concat(parts, 1), tokens.map((row) => row.indexOf(tokenizer.end)), text, sizes);
}

export interface PromptedImage {
  /** f, [B, joint], of length 1 */
  readonly features: Tensor2D;
  /** What each class's prompt says of the image: [B, class of the prompt, class] */
  readonly layerLogits: Tensor3D;
  /** How the last block's tokens looked at each other, [B, N, N]. */
  readonly seen: Tensor3D;
}

/**
 * The image tower with prompts (spec §3.2): learned tokens join every block and leave after it; before the last block each class's
 * text asks the image's tokens and its answer joins them.
 *
 * The published code sorts the two answers by how likely the class is. Tokens without places are a set, so no output depends on
 * their order, and they stand in the order of the classes here.
 *
 * @param images [B, S, S, 3]
 * @param texts [2, joint], `asking` of {@link classTexts}
 */
export function promptedImage(tf: TensorFlow, images: Tensor4D, texts: Tensor2D, { config, clip, weights }: DdptModel): PromptedImage {
  const { visual, config: { visionHeads: heads, visionWidth: width } } = clip;
  const blocks = visual.transformer.resblocks;
  const batch = images.shape[0];
  const spread = (tokens: Tensor3D): Tensor3D => tf.tile(tokens, [batch, 1, 1]);
  let x = embedPatches(tf, images, visual); // [B, N, C]
  const own = x.shape[1];
  for (const [i, block] of blocks.slice(0, -1).entries()) {
    const prompts = spread(tf.slice(weights.visual.ctx as Tensor3D, [i, 0, 0], [1, config.visualTokens, width]));
    x = tf.slice(residualBlock(tf, tf.concat([x, prompts], 1), block, heads), [0, 0, 0], [-1, own, -1]);
  }
  const { layerLogits, prompts } = classAwarePrompts(tf, detached(tf, x), spread(texts.reshape([1, classNames.length, -1])), weights.class_aware);
  const last = residualBlockSeen(tf, tf.concat([x, prompts], 1), blocks.at(-1)!, heads);
  return { features: l2Normalise(tf, projectClassToken(tf, last.x, visual)), layerLogits, seen: last.seen };
}

/** CAVPT: [B, N, C] image tokens and [B, 2, joint] class texts → two prompts and what they say of the image. */
function classAwarePrompts(tf: TensorFlow, tokens: Tensor3D, texts: Tensor3D, w: DdptWeights["class_aware"]): { layerLogits: Tensor3D; prompts: Tensor3D } {
  const [{ kmlp, qmlp, vmlp }] = w.attns;
  const plain = (x: Tensor3D, { weight }: (typeof w.attns)[0]["kmlp"]): Tensor3D => {
    const [batch, count, inputs] = x.shape;
    return tf.matMul(x.reshape<Tensor2D>([-1, inputs]), weight as Tensor2D, false, true).reshape([batch, count, weight.shape[0]]);
  };
  const asked = mapVectors(tf, texts, w.meta_nets[0]); // [B, 2, C]
  const given = tf.concat([tokens, tf.tile(w.ctx as Tensor3D, [tokens.shape[0], 1, 1])], 1);
  const scores = tf.matMul(plain(asked, qmlp), plain(given, kmlp), false, true).mul<Tensor3D>(1 / Math.sqrt(qmlp.weight.shape[0]));
  const answer = plain(tf.matMul(scores.softmax(), given), vmlp); // [B, 2, C]
  return { layerLogits: plain(layerNorm(tf, answer, w.lns[0], eps), w.classfiers[0]), prompts: layerNorm(tf, answer.add<Tensor3D>(asked), w.lns2[0], eps) };
}

/** The same values, and no gradient through them. */
function detached(tf: TensorFlow, x: Tensor3D): Tensor3D {
  return tf.customGrad((value) => ({ value: (value as Tensor3D).clone(), gradFunc: (dy) => tf.zerosLike(dy) as Tensor3D }))(x) as Tensor3D;
}

/** Cosines times CLIP's scale: [B, joint] and [2, joint] → [B, 2] */
export function classLogits(tf: TensorFlow, images: Tensor2D, texts: Tensor2D, { text }: FrozenClip): Tensor2D {
  return tf.matMul(images, texts, false, true).mul(text.logit_scale.exp());
}

/** The frozen tower's own features f⁰, [B, joint], of length 1. */
export function plainFeatures(tf: TensorFlow, images: Tensor4D, { visual, config }: FrozenClip): Tensor2D {
  return l2Normalise(tf, encodeImage(tf, images, visual, config));
}
