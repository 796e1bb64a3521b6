import { groupNorm } from "../../engine/index.js";
import { batchNorm, planBatchNorm, type BatchNormWeights } from "../batch-norm.js";
import { plainUpConv2d, zeros } from "../biased-conv.js";
import { constant, normal, parameter, type Fill, type Weights } from "../plan.js";
import type { Rank, Tensor1D, Tensor4D, TensorFlow } from "../tensorflow.js";
import type { Mode } from "./unet.js";

export interface UNetPlusPlusShape {
  readonly inputs: number;
  readonly classes: number;
  /** Channels of the finest level; they double a level up to `cap`. 30 and 480 published. */
  readonly base: number;
  readonly cap: number;
  /** `instance` as the repository's trainer calls it; `batch` as its constructor's default. */
  readonly norm: "instance" | "batch";
}

export const standardUNetPlusPlus: UNetPlusPlusShape = { inputs: 1, classes: 4, base: 30, cap: 480, norm: "instance" };

/** The forward pass of the original is written out for exactly five poolings. */
const poolings = 5;

/** PyTorch's kaiming_normal_ with negative slope 0.01, as nnU-Net starts its networks. */
const he = (fanIn: number): Fill => normal(Math.sqrt(2 / ((1 + 0.01 ** 2) * fanIn)));

const planNorm = (channels: number, norm: UNetPlusPlusShape["norm"]) =>
  norm === "batch" ? planBatchNorm(channels) : { weight: parameter<Rank.R1>([channels], constant(1)), bias: parameter<Rank.R1>([channels], zeros) };

/** 3×3 convolution with bias, norm, LeakyReLU 0.01. The original calls the norm `instnorm` whatever it is. */
const planUnit = (inputs: number, outputs: number, norm: UNetPlusPlusShape["norm"]) => ({
  conv: { weight: parameter<Rank.R4>([3, 3, inputs, outputs], he(9 * inputs)), bias: parameter<Rank.R1>([outputs], zeros) },
  instnorm: planNorm(outputs, norm),
});

type UnitPlan = ReturnType<typeof planUnit>;
type UnitWeights = Weights<UnitPlan>;
const planNode = (inputs: number, outputs: number, norm: UNetPlusPlusShape["norm"]): { blocks: { 0: UnitPlan } }[] => [
  { blocks: { 0: planUnit(inputs, outputs, norm) } },
  { blocks: { 0: planUnit(outputs, outputs, norm) } },
];

/**
 * U-Net++ as the ASMR-seg release ships it: the nnU-Net variant, five poolings by strided convolutions. Property names are its weight names:
 * `loc{z}.{n}` is node X(4 − z − n, n + 1), `seg_outputs.0` reads X(0, 5).
 *
 * Not here: dropout, which the repository's own trainer sets to 0.
 *
 * @example plannedCount(planUNetPlusPlus(standardUNetPlusPlus)) // 22,836,390
 * @see Zhou et al., IEEE TMI 2020; github.com/MrGiovanni/UNetPlusPlus (pytorch); ASMR-seg spec §3.1
 */
export function planUNetPlusPlus({ inputs, classes, base, cap, norm }: UNetPlusPlusShape) {
  const widths = widthsOf(base, cap);
  const context = [
    ...Array.from({ length: poolings }, (_, i) => ({
      blocks: { 0: planUnit(i === 0 ? inputs : widths[i - 1], widths[i], norm), 1: planUnit(widths[i], widths[i], norm) },
    })),
    planNode(widths[poolings - 1], widths[poolings], norm),
  ];
  const nodes = (z: number): { level: number; column: number }[] => Array.from({ length: poolings - z }, (_, n) => ({ level: poolings - 1 - z - n, column: n + 1 }));
  const loc = [0, 1, 2, 3, 4].map((z) => nodes(z).map(({ level, column }) => planNode((column + 1) * widths[level], widths[level], norm)));
  const up = [0, 1, 2, 3, 4].map((z) => nodes(z).map(({ level }) => ({ weight: parameter<Rank.R4>([2, 2, widths[level], widths[level + 1]], he(4 * widths[level])) })));
  const head = (): { weight: ReturnType<typeof parameter<Rank.R4>> } => ({ weight: parameter<Rank.R4>([1, 1, base, classes], he(base)) });
  return {
    conv_blocks_context: context as readonly (ContextStage | ContextBottleneck)[],
    loc0: loc[0], loc1: loc[1], loc2: loc[2], loc3: loc[3], loc4: loc[4],
    up0: up[0], up1: up[1], up2: up[2], up3: up[3], up4: up[4],
    seg_outputs: [head(), head(), head(), head(), head()],
  };
}

type ContextStage = { readonly blocks: { readonly 0: UnitPlan; readonly 1: UnitPlan } };
type ContextBottleneck = { blocks: { 0: UnitPlan } }[];

export type UNetPlusPlusWeights = Weights<ReturnType<typeof planUNetPlusPlus>>;

function widthsOf(base: number, cap: number): number[] {
  return Array.from({ length: poolings + 1 }, (_, level) => Math.min(cap, base * 2 ** level));
}

/**
 * Logits of the heads, X(0, 5) first; training averages the losses of all, prediction takes the first.
 * @param x [N, H, W, inputs], sides multiples of 32, 64 at least with instance norm
 * @returns five maps [N, H, W, classes]
 */
export function unetPlusPlus(tf: TensorFlow, x: Tensor4D, weights: UNetPlusPlusWeights, mode: Mode): Tensor4D[] {
  const unit = (input: Tensor4D, w: UnitWeights, stride: 1 | 2 = 1): Tensor4D => {
    // PyTorch pads by 1 on both sides; "same" of a strided convolution would pad only after.
    const y = tf.conv2d(input, w.conv.weight as Tensor4D, stride, 1, "NHWC", 1, "floor").add<Tensor4D>(w.conv.bias);
    return tf.leakyRelu(normed(tf, y, w.instnorm, mode), 0.01);
  };
  const rows: Tensor4D[][] = []; // rows[i][j] = X(i, j)
  let y = x;
  for (let level = 0; level <= poolings; level++) {
    const stage = weights.conv_blocks_context[level] as Weights<ContextStage> | Weights<ContextBottleneck>;
    const [first, second] = "blocks" in stage ? [stage.blocks[0], stage.blocks[1]] : [stage[0].blocks[0], stage[1].blocks[0]];
    y = unit(unit(y, first, level === 0 ? 1 : 2), second); // [N, H/2^level, W/2^level, C]
    rows.push([y]);
  }
  for (let column = 1; column <= poolings; column++) {
    for (let level = 0; level <= poolings - column; level++) {
      const [z, n] = [poolings - column - level, column - 1];
      const key = z as 0 | 1 | 2 | 3 | 4;
      const larger = plainUpConv2d(tf, rows[level + 1][column - 1], weights[`up${key}`][n].weight as Tensor4D);
      const [first, second] = weights[`loc${key}`][n];
      rows[level].push(unit(unit(tf.concat([...rows[level], larger], 3), first.blocks[0]), second.blocks[0]));
    }
  }
  return weights.seg_outputs.map(({ weight }, at) => tf.conv2d(rows[0][poolings - at], weight as Tensor4D, 1, "valid"));
}

function normed(tf: TensorFlow, x: Tensor4D, weights: UnitWeights["instnorm"], mode: Mode): Tensor4D {
  if ("running_mean" in weights) return batchNorm(tf, x, weights as BatchNormWeights, { mode });
  return groupNorm(tf, x, { groups: x.shape[3], scale: weights.weight as Tensor1D, offset: weights.bias as Tensor1D });
}
