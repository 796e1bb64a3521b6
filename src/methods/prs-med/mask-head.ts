import { groupNorm } from "../../engine/index.js";
import { biasedConv2d, constant, interpolate, joinHeads, layerNorm, mapVectors, parameter, planConv, planLayerNorm, splitHeads, uniform, type Weights } from "../../nn/index.js";
import type { Rank, Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** Sizes of the fusion and mask head; `paperHead` has 5,366,465 parameters. */
export interface MaskHeadConfig {
  /** Width of the language model's hidden states. */
  readonly prompt: number;
  readonly hidden: number;
  /** Channels of the image map. */
  readonly image: number;
  readonly heads: number;
  readonly encoderHeads: number;
  readonly feedForward: number;
  /** How much larger than the map the mask is. */
  readonly upsampling: number;
  /** Where the biases of linear layers start; the original's 1 keeps the head on the "both lesions" plateau (spec §9). */
  readonly startBias: 0 | 1;
}

export const paperHead: MaskHeadConfig = { prompt: 4096, hidden: 512, image: 256, heads: 8, encoderHeads: 16, feedForward: 512, upsampling: 16, startBias: 1 };

const eps = 1e-5;

/** Xavier-uniform weight [out, in]; `parts` matrices may lie in one, as PyTorch's in_proj does. */
const planXavier = (inputs: number, outputs: number, bias: number) => ({
  weight: parameter<Rank.R2>([outputs, inputs], uniform(Math.sqrt(6 / (inputs + outputs)))),
  bias: parameter<Rank.R1>([outputs], constant(bias)),
});

const planMultihead = (width: number, bias: number) => ({
  in_proj_weight: parameter<Rank.R2>([3 * width, width], uniform(Math.sqrt(6 / (4 * width)))),
  in_proj_bias: parameter<Rank.R1>([3 * width], constant(bias)),
  out_proj: planXavier(width, width, bias),
});

const planBasicBlock = (inputs: number, outputs: number) => ({
  conv1: planConv(3, inputs, inputs), bn1: planLayerNorm(inputs), conv2: planConv(1, inputs, outputs), bn2: planLayerNorm(outputs), conv3: planConv(3, outputs, outputs),
});

/** Paths are the names in the original's `mask_decoder.pth`. `ffn.norm1` is there and never called. */
export const planMaskHead = ({ prompt, hidden, image, feedForward, startBias }: MaskHeadConfig) => ({
  prompt_projection: { 0: planXavier(prompt, hidden, startBias), 1: planShifted(hidden, startBias), 3: planXavier(hidden, image, startBias), 4: planShifted(image, startBias) },
  prompt_norm: planLayerNorm(image),
  image_norm: planLayerNorm(image),
  attn: planMultihead(image, startBias),
  norm1: planLayerNorm(image),
  encoder_layer: {
    self_attn: planMultihead(image, startBias), linear1: planXavier(image, feedForward, startBias), linear2: planXavier(feedForward, image, startBias),
    norm1: planLayerNorm(image), norm2: planLayerNorm(image),
  },
  ffn: { fc1: planXavier(image, image, startBias), fc2: planXavier(image, image, 0), norm: planLayerNorm(image), norm1: planLayerNorm(image) },
  mask_generation: [planBasicBlock(image, image), planBasicBlock(image, image / 2), planBasicBlock(image / 2, image / 4)],
  out_dec: planConv(1, image / 4, 1),
});

const planShifted = (width: number, bias: number) => ({ ...planLayerNorm(width), bias: parameter<Rank.R1>([width], constant(bias)) });

export type MaskHeadWeights = Weights<ReturnType<typeof planMaskHead>>;
type MultiheadWeights = Weights<ReturnType<typeof planMultihead>>;
type BlockWeights = Weights<ReturnType<typeof planBasicBlock>>;

export interface FusedMask {
  /** [B, side, side, 1] */
  readonly logits: Tensor4D;
  /** How much each place of the map looks at each token, mean over heads: [B, H·W, T]. Rows sum to 1. */
  readonly attention: Tensor3D;
}

/**
 * Image places ask, the question's tokens answer; then one encoder layer, a feed-forward part, the map again, and three convolutional blocks.
 *
 * @param map [B, H, W, C]
 * @param prompt [B, T, width] hidden states
 * @param counts [B, T] of 1 for tokens that count and 0 for padding; undefined lets every place count, as the original does, so that a
 *   picture's mask depends on its neighbours in the batch
 * @param fusion `bypassed` leaves the tokens' answer out: the same head, without language
 * @see PRS-Med spec §3.3
 */
export function maskHead(tf: TensorFlow, map: Tensor4D, prompt: Tensor3D, counts: Tensor2D | undefined, w: MaskHeadWeights, config: MaskHeadConfig, fusion: "cross-attention" | "bypassed" = "cross-attention"): FusedMask {
  const [batch, height, width, channels] = map.shape;
  const tokens = promptTokens(tf, prompt, w); // [B, T, C]
  const queries = layerNorm(tf, map.reshape<Tensor3D>([batch, height * width, channels]), w.image_norm, eps);
  const { mixed, attention } = multihead(tf, queries, tokens, counts, w.attn, config.heads);
  const asked = layerNorm(tf, fusion === "bypassed" ? queries : queries.add<Tensor3D>(mixed), w.norm1, eps);
  const encoded = encoderLayer(tf, asked, w.encoder_layer, config.encoderHeads);
  const fused = feedForward(tf, encoded, w.ffn).reshape<Tensor4D>(map.shape).add<Tensor4D>(map);
  const drawn = w.mask_generation.reduce((x, block) => basicBlock(tf, x, block), fused); // [B, H, W, C/4]
  const logits = interpolate(tf, biasedConv2d(tf, drawn, w.out_dec), height * config.upsampling, width * config.upsampling, "bilinear-corners");
  return { logits, attention };
}

/** Keys and values of the cross-attention: [B, T, prompt] → [B, T, C] */
export function promptTokens(tf: TensorFlow, prompt: Tensor3D, { prompt_projection, prompt_norm }: Pick<MaskHeadWeights, "prompt_projection" | "prompt_norm">): Tensor3D {
  const { 0: first, 1: norm1, 3: second, 4: norm2 } = prompt_projection;
  const hidden = layerNorm(tf, mapVectors(tf, prompt, first), norm1, eps).relu<Tensor3D>();
  return layerNorm(tf, layerNorm(tf, mapVectors(tf, hidden, second), norm2, eps).relu<Tensor3D>(), prompt_norm, eps);
}

function multihead(tf: TensorFlow, queries: Tensor3D, keys: Tensor3D, counts: Tensor2D | undefined, w: MultiheadWeights, heads: number): { mixed: Tensor3D; attention: Tensor3D } {
  const [weights, biases] = [tf.split(w.in_proj_weight as Tensor2D, 3, 0), tf.split(w.in_proj_bias as Tensor1D, 3, 0)];
  const project = (x: Tensor3D, part: number): Tensor4D => splitHeads(tf, mapVectors(tf, x, { weight: weights[part], bias: biases[part] } as never), heads);
  const [q, k, v] = [project(queries, 0), project(keys, 1), project(keys, 2)];
  const scores = tf.matMul<Tensor4D>(q.mul(1 / Math.sqrt(q.shape[3])), k, false, true); // [B, heads, N, T]
  const shown = counts === undefined ? scores : scores.add<Tensor4D>(counts.sub(1).mul(1e9).reshape<Tensor4D>([counts.shape[0], 1, 1, counts.shape[1]]));
  const shares = shown.softmax<Tensor4D>(); // [B, heads, N, T]
  return { mixed: mapVectors(tf, joinHeads(tf, tf.matMul(shares, v)), w.out_proj), attention: shares.mean<Tensor3D>(1) };
}

/** PyTorch's TransformerEncoderLayer, post-norm, ReLU. */
function encoderLayer(tf: TensorFlow, x: Tensor3D, w: MaskHeadWeights["encoder_layer"], heads: number): Tensor3D {
  const attended = layerNorm(tf, x.add<Tensor3D>(multihead(tf, x, x, undefined, w.self_attn, heads).mixed), w.norm1, eps);
  const thought = mapVectors(tf, mapVectors(tf, attended, w.linear1).relu<Tensor3D>(), w.linear2);
  return layerNorm(tf, attended.add<Tensor3D>(thought), w.norm2, eps);
}

/** norm(relu(fc2(relu(fc1 x) + x))): no residual around the whole. */
function feedForward(tf: TensorFlow, x: Tensor3D, { fc1, fc2, norm }: MaskHeadWeights["ffn"]): Tensor3D {
  return layerNorm(tf, mapVectors(tf, mapVectors(tf, x, fc1).relu<Tensor3D>().add(x), fc2).relu<Tensor3D>(), norm, eps);
}

/** The 1×1 convolution is padded by 1, so the map grows by a ring that the last convolution takes away. */
function basicBlock(tf: TensorFlow, x: Tensor4D, { conv1, bn1, conv2, bn2, conv3 }: BlockWeights): Tensor4D {
  const own = instanceNorm(tf, biasedConv2d(tf, x, conv1, { padding: "same" }), bn1).relu<Tensor4D>().add<Tensor4D>(x); // [B, H, W, in]
  const ringed = tf.pad(own, [[0, 0], [1, 1], [1, 1], [0, 0]]); // [B, H + 2, W + 2, in]
  return biasedConv2d(tf, instanceNorm(tf, biasedConv2d(tf, ringed, conv2), bn2), conv3);
}

function instanceNorm(tf: TensorFlow, x: Tensor4D, { weight, bias }: BlockWeights["bn1"]): Tensor4D {
  return groupNorm(tf, x, { groups: x.shape[3], scale: weight as Tensor1D, offset: bias as Tensor1D });
}
