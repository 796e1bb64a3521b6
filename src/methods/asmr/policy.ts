import { seededRandom, type Random } from "../../core/index.js";
import {
  constant, initResNet, layerNorm, magnitude, mapVectors, materialise, orthogonal, parameter, planConv, planLayerNorm, planLinear, resnet,
  type ComplexTensor, type ResNetShape, type ResNetWeights, type Weights,
} from "../../nn/index.js";
import { actionCount, type AsmrConfig, type PolicyConfig } from "./config.js";
import { fftConv, planFftConv } from "./fft-conv.js";
import { zeroFilledComplex } from "./reconstruct.js";
import type { Rank, Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** Channels of the small backbone, halving the picture at every convolution. */
const smallChannels = [16, 32, 64, 64] as const;
export const resnet18: ResNetShape = { blocks: [2, 2, 2, 2], widths: [64, 128, 256, 512] };

const planAffine = (inputs: number, outputs: number, init: PolicyConfig["linearInit"]) =>
  init === "default" ? planLinear(inputs, outputs) : { weight: parameter<Rank.R2>([outputs, inputs], orthogonal), bias: parameter<Rank.R1>([outputs], constant(0)) };

/** One of the two networks without a ResNet: the actor has as many outputs as columns, the critic one. Names are the repository's. */
export function planHead({ data: { size }, policy }: Pick<AsmrConfig, "data" | "policy">, outputs: number, shape = resnet18) {
  const { backbone, featureDim, remainingSlots, headWidth, linearInit } = policy;
  const pooled = backbone === "small" ? smallChannels[3] * 4 : shape.widths[3];
  const small = { 0: planConv(5, 1, smallChannels[0]), 1: planConv(3, 16, smallChannels[1]), 2: planConv(3, 32, smallChannels[2]), 3: planConv(3, 64, smallChannels[3]) };
  return {
    conv_kspace: planFftConv(),
    layernorm: { weight: parameter<Rank.R2>([size, size], constant(1)), bias: parameter<Rank.R2>([size, size], constant(0)) },
    backbone: (backbone === "small" ? small : {}) as typeof small,
    trunk: { 0: planAffine(pooled, featureDim, linearInit), 1: planLayerNorm(featureDim) },
    out_layer: { 0: planAffine(featureDim + remainingSlots, headWidth, linearInit), 2: planAffine(headWidth, outputs, linearInit) },
  };
}

export type HeadWeights = Omit<Weights<ReturnType<typeof planHead>>, "backbone"> & { readonly backbone: Weights<ReturnType<typeof planHead>["backbone"]> | ResNetWeights };

/** Policy and critic share nothing. */
export interface ActorCritic {
  readonly config: Pick<AsmrConfig, "data" | "environment" | "policy">;
  readonly seed: number;
  readonly weights: { readonly pi: { readonly logits_net: HeadWeights }; readonly v: HeadWeights };
}

/** @param shape of the backbone where the configuration asks for a ResNet-18 */
export function initActorCritic(tf: TensorFlow, config: ActorCritic["config"], seed: number, shape = resnet18): ActorCritic {
  const random = seededRandom(seed).stream("policy");
  const head = (outputs: number, own: Random): HeadWeights => {
    const planned = materialise(tf, planHead(config, outputs, shape), own);
    return config.policy.backbone === "small" ? planned : { ...planned, backbone: initResNet(tf, shape, own.stream("backbone")) };
  };
  return { config, seed, weights: { pi: { logits_net: head(actionCount(config.data), random.stream("pi")) }, v: head(1, random.stream("v")) } };
}

export interface PolicyInput {
  /** Fully sampled, [B, H, W]; only the mask's columns are looked at. */
  readonly kspace: ComplexTensor;
  /** [B, W] */
  readonly mask: Tensor2D;
  /** Lines still to be acquired, [B]. */
  readonly remaining: Tensor1D;
}

/** Logits over columns and the value of the state. → [B, A], [B] */
export function actAndValue(tf: TensorFlow, input: PolicyInput, { config, weights }: ActorCritic, mode: "rollout" | "evaluate"): { logits: Tensor2D; value: Tensor1D } {
  const picture = zeroFilledComplex(tf, input.kspace, input.mask, config.data.hermitian);
  const run = (w: HeadWeights): Tensor2D => head(tf, picture, input.remaining, w, config.policy, mode);
  return { logits: run(weights.pi.logits_net), value: run(weights.v).sum<Tensor1D>(1) }; // [B, 1] → [B]
}

/** The actor alone, for acquiring without learning. */
export function actionLogits(tf: TensorFlow, input: PolicyInput, { config, weights }: ActorCritic): Tensor2D {
  const picture = zeroFilledComplex(tf, input.kspace, input.mask, config.data.hermitian);
  return head(tf, picture, input.remaining, weights.pi.logits_net, config.policy, "evaluate");
}

/** Picture → features; features and remaining lines → outputs. */
function head(tf: TensorFlow, picture: ComplexTensor, remaining: Tensor1D, w: HeadWeights, policy: PolicyConfig, mode: "rollout" | "evaluate"): Tensor2D {
  const batch = picture.real.shape[0];
  const seen = policy.sees === "image" ? imageFeatures(tf, picture, w, policy, mode) : tf.zeros<Rank.R2>([batch, policy.featureDim]);
  const slot = tf.oneHot(remaining.toInt(), policy.remainingSlots).toFloat() as Tensor2D; // [B, 60]
  const hidden = mapVectors(tf, tf.concat([seen, slot], 1), w.out_layer[0]).relu<Tensor2D>();
  return mapVectors(tf, hidden, w.out_layer[2]);
}

/** [B, featureDim] */
function imageFeatures(tf: TensorFlow, picture: ComplexTensor, w: HeadWeights, policy: PolicyConfig, mode: "rollout" | "evaluate"): Tensor2D {
  const [, height, width] = picture.real.shape;
  const filtered = magnitude(tf, fftConv(tf, picture, w.conv_kspace)).mul<Tensor3D>(policy.pictureNorm === "backward" ? 1 / Math.sqrt(height * width) : 1);
  const normal = pictureNorm(tf, filtered, w.layernorm).expandDims<Tensor4D>(3); // [B, H, W, 1]
  const pooled = policy.backbone === "small"
    ? smallBackbone(tf, normal, w.backbone as Weights<ReturnType<typeof planHead>["backbone"]>)
    : resnet(tf, tf.tile(normal, [1, 1, 1, 3]), w.backbone as ResNetWeights, policy.bnMode === "asmr" && mode === "rollout" ? "train" : "eval");
  return layerNorm(tf, mapVectors(tf, pooled, w.trunk[0]), w.trunk[1], 1e-5).tanh();
}

/** Layer normalisation over a whole picture with a weight a pixel. */
function pictureNorm(tf: TensorFlow, x: Tensor3D, { weight, bias }: HeadWeights["layernorm"]): Tensor3D {
  const centred = tf.sub(x, tf.mean(x, [1, 2], true));
  const normal = centred.mul(tf.mean(tf.square(centred), [1, 2], true).add(1e-5).rsqrt());
  return normal.mul<Tensor3D>(weight).add(bias);
}

/** Four convolutions of stride 2 and a 2×2 average. [B, H, W, 1] → [B, 256] */
function smallBackbone(tf: TensorFlow, x: Tensor4D, w: Weights<ReturnType<typeof planHead>["backbone"]>): Tensor2D {
  let y = x;
  for (const [at, { weight, bias }] of [w[0], w[1], w[2], w[3]].entries())
    y = tf.conv2d(y, weight as Tensor4D, 2, at === 0 ? 2 : 1, "NHWC", 1, "floor").add(bias).relu<Tensor4D>();
  return adaptivePool2(tf, y).reshape([x.shape[0], -1]);
}

/** PyTorch's adaptive average pool to 2×2: windows overlap by one where a side is odd, and a side of 1 is taken twice. */
function adaptivePool2(tf: TensorFlow, x: Tensor4D): Tensor4D {
  const [, height, width] = x.shape;
  if (height === 1 || width === 1) return adaptivePool2(tf, tf.tile(x, [1, height === 1 ? 2 : 1, width === 1 ? 2 : 1, 1]));
  const [h, w] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  return tf.avgPool(x, [h, w], [height - h, width - w], "valid");
}
