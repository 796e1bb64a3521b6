import { attention, joinHeads, splitHeads } from "../attention.js";
import { patchConv2d, planConv, planPlainConv } from "../biased-conv.js";
import { conv2d } from "../conv.js";
import { interpolate } from "../interpolate.js";
import { layerNorm, planLayerNorm } from "../layer-norm.js";
import { mapVectors, planLinear } from "../mlp.js";
import { constant, parameter, type Weights } from "../plan.js";
import type { Rank, Tensor3D, Tensor4D, TensorFlow } from "../tensorflow.js";
import { gridOf, type SamConfig } from "./config.js";
import { relativePositionBias } from "./relative-position.js";
import { cutWindows, joinWindows } from "./windows.js";
import { gelu } from "../../engine/index.js";

const eps = 1e-6;

/** Paths are the names in SAM checkpoints; `pos_embed` lacks their leading axis of 1. */
export const planImageEncoder = (config: SamConfig) => {
  const { patch, width, channels, positionGrid, blocks } = config;
  return {
    pos_embed: parameter<Rank.R3>([positionGrid, positionGrid, width], constant(0)),
    patch_embed: { proj: planConv(patch, 3, width) },
    blocks: Array.from({ length: blocks }, (_, i) => planBlock(config, i)),
    neck: { 0: planPlainConv(1, width, channels), 1: planLayerNorm(channels), 2: planPlainConv(3, channels, channels), 3: planLayerNorm(channels) },
  };
};

export type ImageEncoderWeights = Weights<ReturnType<typeof planImageEncoder>>;

const planBlock = (config: SamConfig, index: number) => {
  const { width, heads, mlpRatio } = config;
  const table = () => parameter<Rank.R2>([2 * reach(config, index) - 1, width / heads], constant(0));
  return {
    norm1: planLayerNorm(width),
    attn: { qkv: planLinear(width, 3 * width), proj: planLinear(width, width), rel_pos_h: table(), rel_pos_w: table() },
    norm2: planLayerNorm(width),
    mlp: { lin1: planLinear(width, mlpRatio * width), lin2: planLinear(mlpRatio * width, width) },
  };
};

type BlockWeights = Weights<ReturnType<typeof planBlock>>;

/** How far a block looks, in patches a side: its window, or the whole map. */
const reach = (config: SamConfig, index: number): number => (config.globalBlocks.includes(index) ? gridOf(config) : config.window);

/**
 * SAM's image encoder: patches, position table, transformer blocks of which most look at windows only, and a neck.
 * @param images [B, S, S, 3]
 * @returns [B, g, g, C]
 * @see Kirillov et al., Segment Anything, 2023, appendix A; AESPA spec §3.1
 */
export function imageEncoder(tf: TensorFlow, images: Tensor4D, weights: ImageEncoderWeights, config: SamConfig): Tensor4D {
  const grid = gridOf(config);
  const patches = patchConv2d(tf, images, weights.patch_embed.proj); // [B, g, g, width]
  const table = weights.pos_embed.reshape<Tensor4D>([1, ...weights.pos_embed.shape]);
  const placed = patches.add<Tensor4D>(interpolate(tf, table, grid, grid, "bicubic"));
  const tokens = weights.blocks.reduce((x, block, i) => encoderBlock(tf, x, block, config, i), placed);
  const { 0: narrow, 1: norm1, 2: smooth, 3: norm2 } = weights.neck;
  const neck = layerNorm(tf, conv2d(tf, tokens, narrow), norm1, eps); // [B, g, g, C]
  return layerNorm(tf, conv2d(tf, neck, smooth, { padding: 1 }), norm2, eps);
}

function encoderBlock(tf: TensorFlow, x: Tensor4D, w: BlockWeights, config: SamConfig, index: number): Tensor4D {
  const [, height, width] = x.shape;
  const normed = layerNorm(tf, x, w.norm1, eps);
  const windows = cutWindows(tf, normed, reach(config, index)); // [B·n, r, r, C]
  const attended = x.add<Tensor4D>(joinWindows(tf, selfAttention(tf, windows, w.attn, config.heads), height, width));
  const hidden = gelu(tf, mapVectors(tf, layerNorm(tf, attended, w.norm2, eps), w.mlp.lin1));
  return attended.add(mapVectors(tf, hidden, w.mlp.lin2));
}

/** [N, r, r, C] → the same shape */
function selfAttention(tf: TensorFlow, x: Tensor4D, w: BlockWeights["attn"], heads: number): Tensor4D {
  const [n, height, width, channels] = x.shape;
  const qkv = mapVectors(tf, x.reshape<Tensor3D>([n, height * width, channels]), w.qkv); // [N, r·r, 3C]
  const [q, k, v] = tf.split<Tensor3D>(qkv, 3, 2).map((part) => splitHeads(tf, part, heads)); // [N, heads, r·r, d]
  const mixed = attention(tf, q, k, v, relativePositionBias(tf, q, w.rel_pos_h, w.rel_pos_w));
  return mapVectors(tf, joinHeads(tf, mixed), w.proj).reshape(x.shape);
}
