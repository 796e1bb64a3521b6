import { gelu } from "../../engine/index.js";
import { attention } from "../attention.js";
import { batchNorm, planBatchNorm, type BatchNormOptions } from "../batch-norm.js";
import { planPlainConv } from "../biased-conv.js";
import { conv2d } from "../conv.js";
import { layerNorm, planLayerNorm } from "../layer-norm.js";
import { mapVectors, planLinear } from "../mlp.js";
import { constant, parameter, uniform, type Weights } from "../plan.js";
import { cutWindows, joinWindows } from "../sam/windows.js";
import type { Rank, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "../tensorflow.js";
import type { TinyVitConfig } from "./config.js";

const [lnEps, neckEps] = [1e-5, 1e-6];

/** A convolution without bias and its batch norm; TinyViT's names `c` and `bn`. */
const planConvNorm = (size: number, inputs: number, outputs: number, gamma = 1) => {
  const bn = planBatchNorm(outputs);
  return { c: planPlainConv(size, inputs, outputs), bn: { ...bn, weight: parameter<Rank.R1>([outputs], constant(gamma)) } };
};

/** A filter of its own for each channel, kept as [3, 3, 1, C]. */
const planDepthwiseNorm = (channels: number) => ({ c: { weight: parameter<Rank.R4>([3, 3, 1, channels], uniform(1 / 3)) }, bn: planBatchNorm(channels) });

const planMbConv = (width: number) => ({ conv1: planConvNorm(1, width, 4 * width), conv2: planDepthwiseNorm(4 * width), conv3: planConvNorm(1, 4 * width, width, 0) });

const planMerge = (inputs: number, outputs: number) => ({ conv1: planConvNorm(1, inputs, outputs), conv2: planDepthwiseNorm(outputs), conv3: planConvNorm(1, outputs, outputs) });

const planWindowBlock = (width: number, heads: number, window: number) => ({
  attn: { norm: planLayerNorm(width), qkv: planLinear(width, 3 * width), proj: planLinear(width, width), attention_biases: parameter<Rank.R2>([heads, window * window], constant(0)) },
  local_conv: planDepthwiseNorm(width),
  mlp: { norm: planLayerNorm(width), fc1: planLinear(width, 4 * width), fc2: planLinear(4 * width, width) },
});

/** Paths are the names of `image_encoder.*` in `tinysam_42.3.pth`. */
export const planTinyVit = ({ stem, widths, depths, heads, windows, mergeStrides, channels }: TinyVitConfig) => {
  const merge = (stage: number) => ({ ...(stage < mergeStrides.length && { downsample: planMerge(widths[stage], widths[stage + 1]) }) });
  const [first, ...rest] = widths;
  return {
    patch_embed: { seq: { 0: planConvNorm(3, 3, stem), 2: planConvNorm(3, stem, first) } },
    layers: {
      0: { blocks: Array.from({ length: depths[0] }, () => planMbConv(first)), ...merge(0) },
      ...Object.fromEntries(rest.map((width, i) => [i + 1, { blocks: Array.from({ length: depths[i + 1] }, () => planWindowBlock(width, heads[i + 1], windows[i + 1])), ...merge(i + 1) }])),
    } as { 0: StagePlan<ReturnType<typeof planMbConv>> } & { readonly [stage: number]: StagePlan<ReturnType<typeof planWindowBlock>> },
    neck: { 0: planPlainConv(1, widths.at(-1)!, channels), 1: planLayerNorm(channels), 2: planPlainConv(3, channels, channels), 3: planLayerNorm(channels) },
  };
};

/** Blocks of a stage, and what leads to the next. */
export interface StagePlan<Block> {
  readonly blocks: Block[];
  readonly downsample?: ReturnType<typeof planMerge>;
}

export type TinyVitWeights = Weights<ReturnType<typeof planTinyVit>>;
type ConvNormWeights = Weights<ReturnType<typeof planConvNorm>>;
type MbConvWeights = Weights<ReturnType<typeof planMbConv>>;
type MergeWeights = Weights<ReturnType<typeof planMerge>>;
type WindowBlockWeights = Weights<ReturnType<typeof planWindowBlock>>;

export type NormMode = BatchNormOptions["mode"];

/**
 * TinyViT as TinySAM uses it: a convolutional stem and first stage, stages that look at windows, and SAM's neck.
 * @param images [B, S, S, 3], normalised
 * @param mode `train` normalises by the batch and moves the running statistics
 * @returns [B, g, g, C]
 * @see Wu et al., TinyViT, 2022; Shu et al., TinySAM, 2023; PRS-Med spec §3.2
 */
export function tinyVit(tf: TensorFlow, images: Tensor4D, weights: TinyVitWeights, config: TinyVitConfig, mode: NormMode): Tensor4D {
  const { seq } = weights.patch_embed;
  let x = convNorm(tf, gelu(tf, convNorm(tf, images, seq[0], mode, 2)), seq[2], mode, 2); // [B, S/4, S/4, C₀]
  for (const block of weights.layers[0].blocks) x = mbConv(tf, x, block as MbConvWeights, mode);
  x = merged(tf, x, weights.layers[0].downsample, config.mergeStrides[0], mode);
  for (let stage = 1; stage < config.widths.length; stage++) {
    const layer = weights.layers[stage];
    for (const block of layer.blocks) x = windowBlock(tf, x, block as WindowBlockWeights, config.heads[stage], config.windows[stage], mode);
    x = merged(tf, x, layer.downsample, config.mergeStrides[stage], mode);
  }
  const { 0: narrow, 1: norm1, 2: smooth, 3: norm2 } = weights.neck;
  return layerNorm(tf, conv2d(tf, layerNorm(tf, conv2d(tf, x, narrow), norm1, neckEps), smooth, { padding: 1 }), norm2, neckEps);
}

function convNorm(tf: TensorFlow, x: Tensor4D, { c, bn }: ConvNormWeights, mode: NormMode, stride = 1): Tensor4D {
  return batchNorm(tf, conv2d(tf, x, c, { stride, padding: c.weight.shape[0] >> 1 }), bn, { mode });
}

function depthwiseNorm(tf: TensorFlow, x: Tensor4D, { c, bn }: ConvNormWeights, mode: NormMode, stride = 1): Tensor4D {
  const filter = c.weight.reshape<Tensor4D>([3, 3, x.shape[3], 1]);
  return batchNorm(tf, tf.depthwiseConv2d(x, filter, stride, 1, "NHWC", 1, "floor"), bn, { mode });
}

/** gelu(x + narrow(gelu(depthwise(gelu(widen(x)))))) */
function mbConv(tf: TensorFlow, x: Tensor4D, { conv1, conv2, conv3 }: MbConvWeights, mode: NormMode): Tensor4D {
  const wide = gelu(tf, convNorm(tf, x, conv1, mode));
  return gelu(tf, x.add<Tensor4D>(convNorm(tf, gelu(tf, depthwiseNorm(tf, wide, conv2, mode)), conv3, mode)));
}

function merged(tf: TensorFlow, x: Tensor4D, weights: MergeWeights | undefined, stride: number, mode: NormMode): Tensor4D {
  if (weights === undefined) return x;
  const { conv1, conv2, conv3 } = weights;
  return convNorm(tf, gelu(tf, depthwiseNorm(tf, gelu(tf, convNorm(tf, x, conv1, mode)), conv2, mode, stride)), conv3, mode);
}

function windowBlock(tf: TensorFlow, x: Tensor4D, { attn, local_conv, mlp }: WindowBlockWeights, heads: number, window: number, mode: NormMode): Tensor4D {
  const [, height, width] = x.shape;
  const windows = cutWindows(tf, x, window); // padded before the attention's own norm, so padded places take part
  const attended = x.add<Tensor4D>(joinWindows(tf, windowAttention(tf, windows, attn, heads), height, width));
  const local = depthwiseNorm(tf, attended, local_conv, mode);
  return local.add(mapVectors(tf, gelu(tf, mapVectors(tf, layerNorm(tf, local, mlp.norm, lnEps), mlp.fc1)), mlp.fc2));
}

/** [N, w, w, C] → the same shape. A head's q, k and v stand next to each other in `qkv`, unlike SAM's. */
function windowAttention(tf: TensorFlow, x: Tensor4D, w: WindowBlockWeights["attn"], heads: number): Tensor4D {
  const [n, side, , width] = x.shape;
  const places = side * side;
  const qkv = mapVectors(tf, layerNorm(tf, x, w.norm, lnEps).reshape<Tensor3D>([n, places, width]), w.qkv) // [N, w², 3C]
    .reshape<Tensor4D>([n, places, heads, (3 * width) / heads])
    .transpose<Tensor4D>([0, 2, 1, 3]); // [N, heads, w², 3d]
  const [q, k, v] = tf.split<Tensor4D>(qkv, 3, 3);
  const mixed = attention(tf, q, k, v, offsetBias(tf, w.attention_biases as Tensor2D, side)).transpose<Tensor4D>([0, 2, 1, 3]);
  return mapVectors(tf, mixed.reshape<Tensor3D>([n, places, width]), w.proj).reshape(x.shape);
}

/** One learned number a head for every |Δrow|, |Δcolumn|. → [heads, w², w²] */
function offsetBias(tf: TensorFlow, biases: Tensor2D, side: number): Tensor3D {
  const pairs = tf.gather(biases.transpose<Tensor2D>(), tf.tensor1d(offsetIndex(side), "int32")); // [w⁴, heads]
  return pairs.transpose<Tensor2D>().reshape([biases.shape[0], side * side, side * side]);
}

/**
 * Which bias each pair of places takes, row by row: |Δrow|·w + |Δcolumn|.
 * @example offsetIndex(2) // [0, 1, 2, 3, 1, 0, 3, 2, 2, 3, 0, 1, 3, 2, 1, 0]
 */
export function offsetIndex(side: number): number[] {
  const places = Array.from({ length: side * side }, (_, i) => [Math.floor(i / side), i % side]);
  return places.flatMap(([y, x]) => places.map(([v, u]) => Math.abs(y - v) * side + Math.abs(x - u)));
}
