import { gelu } from "../../engine/index.js";
import {
  batchNorm, biasedConv2d, joinHeads, layerNorm, mapVectors, parameter, planBatchNorm, planConv, planLayerNorm, planLinear, splitHeads, uniform, type BatchNormOptions, type Weights,
} from "../../nn/index.js";
import type { FusedMask, MaskHeadConfig } from "./mask-head.js";
import type { Rank, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

const eps = 1e-5;
type Mode = BatchNormOptions["mode"];

/** A transposed 4×4 convolution of stride 2, weight [4, 4, out, in]. */
const planTransposed = (inputs: number, outputs: number) => {
  const fill = uniform(1 / Math.sqrt(16 * outputs));
  return { weight: parameter<Rank.R4>([4, 4, outputs, inputs], fill), bias: parameter<Rank.R1>([outputs], fill) };
};

/**
 * The paper-style head that the repositories keep and never call: one pre-norm cross-attention block, then transposed convolutions that
 * double the map six times while halving its channels. 2,496,000 + 699,641 parameters at the published sizes.
 * @see PRS-Med spec §3.3, fusion_module.py, mask_prediction_module.py
 */
export const planDeconvHead = ({ prompt, image }: MaskHeadConfig, doublings: number) => {
  const widths = Array.from({ length: doublings + 1 }, (_, i) => image / 2 ** i);
  return {
    image_proj: { conv: planConv(1, image, image), bn: planBatchNorm(image) },
    prompt_proj: { linear: planLinear(prompt, image), norm: planLayerNorm(image) },
    block: {
      norm_q: planLayerNorm(image), norm_kv: planLayerNorm(image), q: planLinear(image, image), k: planLinear(image, image), v: planLinear(image, image), out: planLinear(image, image),
      norm_mlp: planLayerNorm(image), fc1: planLinear(image, 4 * image), fc2: planLinear(4 * image, image),
    },
    smooth: { conv: planConv(3, image, image), bn: planBatchNorm(image) },
    up: widths.slice(1).map((outputs, i) => ({ conv: planTransposed(widths[i], outputs), bn: planBatchNorm(outputs) })),
    out: planConv(1, widths.at(-1)!, 1),
  };
};

export type DeconvHeadWeights = Weights<ReturnType<typeof planDeconvHead>>;

/** Map [B, H, W, C] and hidden states [B, T, prompt] → logits [B, 2ⁿH, 2ⁿW, 1] and attention. `counts` as in {@link maskHead}. */
export function deconvHead(tf: TensorFlow, map: Tensor4D, prompt: Tensor3D, counts: Tensor2D | undefined, w: DeconvHeadWeights, { heads }: MaskHeadConfig, mode: Mode): FusedMask {
  const [batch, height, width, channels] = map.shape;
  const image = batchNorm(tf, gelu(tf, biasedConv2d(tf, map, w.image_proj.conv)), w.image_proj.bn, { mode }).reshape<Tensor3D>([batch, height * width, channels]);
  const tokens = layerNorm(tf, gelu(tf, mapVectors(tf, prompt, w.prompt_proj.linear)), w.prompt_proj.norm, eps);
  const [q, kv] = [layerNorm(tf, image, w.block.norm_q, eps), layerNorm(tf, tokens, w.block.norm_kv, eps)];
  const [queries, keys, values] = [mapVectors(tf, q, w.block.q), mapVectors(tf, kv, w.block.k), mapVectors(tf, kv, w.block.v)].map((x) => splitHeads(tf, x, heads));
  const bias = counts?.sub(1).mul(1e9).reshape([batch, 1, 1, counts.shape[1]]);
  const scores = tf.matMul<Tensor4D>(queries.mul(1 / Math.sqrt(queries.shape[3])), keys, false, true); // [B, heads, N, T]
  const shares = (bias === undefined ? scores : scores.add<Tensor4D>(bias)).softmax<Tensor4D>();
  const asked = image.add<Tensor3D>(mapVectors(tf, joinHeads(tf, tf.matMul(shares, values)), w.block.out));
  const thought = asked.add<Tensor3D>(mapVectors(tf, gelu(tf, mapVectors(tf, layerNorm(tf, asked, w.block.norm_mlp, eps), w.block.fc1)), w.block.fc2));
  const fused = thought.reshape<Tensor4D>(map.shape).add<Tensor4D>(map);
  const smooth = batchNorm(tf, gelu(tf, biasedConv2d(tf, fused, w.smooth.conv, { padding: "same" })), w.smooth.bn, { mode });
  const large = w.up.reduce((x, { conv, bn }) => {
    const [, h, wide] = x.shape;
    const [, , outputs] = conv.weight.shape;
    const doubled = tf.conv2dTranspose(x, conv.weight as Tensor4D, [batch, 2 * h, 2 * wide, outputs], 2, "same").add<Tensor4D>(conv.bias);
    return batchNorm(tf, doubled, bn, { mode }).relu<Tensor4D>();
  }, smooth);
  return { logits: biasedConv2d(tf, large, w.out), attention: shares.mean<Tensor3D>(1) };
}
