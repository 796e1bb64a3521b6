import type { Random } from "../core/index.js";
import { batchNorm, initBatchNorm, type BatchNormWeights } from "./batch-norm.js";
import { conv2d, initConv, type ConvWeights } from "./conv.js";
import type { Tensor2D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** Two 3×3 convolutions around a shortcut; property names are torchvision's, so paths are its weight names. */
export interface BasicBlockWeights {
  readonly conv1: ConvWeights;
  readonly bn1: BatchNormWeights;
  readonly conv2: ConvWeights;
  readonly bn2: BatchNormWeights;
  /** Present where the shape changes. */
  readonly downsample?: readonly [ConvWeights, BatchNormWeights];
}

export interface ResNetWeights {
  readonly conv1: ConvWeights;
  readonly bn1: BatchNormWeights;
  readonly layer1: readonly BasicBlockWeights[];
  readonly layer2: readonly BasicBlockWeights[];
  readonly layer3: readonly BasicBlockWeights[];
  readonly layer4: readonly BasicBlockWeights[];
}

export interface ResNetShape {
  /** Basic blocks a stage; [3, 4, 6, 3] is ResNet-34. */
  readonly blocks: readonly [number, number, number, number];
  /** Channels a stage; [64, 128, 256, 512] is ResNet-34. The stem has the first. */
  readonly widths: readonly [number, number, number, number];
}

type Mode = "train" | "eval";

/**
 * A ResNet of basic blocks without its classifier.
 * @example parameterCount(initResNet(tf, { blocks: [3, 4, 6, 3], widths: [64, 128, 256, 512] }, random)) // 21,284,672
 * @see He et al., Deep Residual Learning, 2015; torchvision's resnet34
 */
export function initResNet(tf: TensorFlow, { blocks, widths }: ResNetShape, random: Random): ResNetWeights {
  const stage = (at: number): BasicBlockWeights[] =>
    Array.from({ length: blocks[at] }, (_, i) =>
      initBasicBlock(
        tf,
        i > 0 ? widths[at] : widths[Math.max(0, at - 1)],
        widths[at],
        at > 0 && i === 0 ? 2 : 1,
        random.stream(`layer${at + 1}.${i}`),
      ),
    );
  return {
    conv1: initConv(tf, 7, 3, widths[0], random.stream("conv1")),
    bn1: initBatchNorm(tf, widths[0]),
    layer1: stage(0),
    layer2: stage(1),
    layer3: stage(2),
    layer4: stage(3),
  };
}

/**
 * Pictures to one vector each.
 * @param x [N, H, W, 3]
 * @returns [N, widths[3]]
 */
export function resnet(tf: TensorFlow, x: Tensor4D, weights: ResNetWeights, mode: Mode): Tensor2D {
  const stem = batchNorm(tf, conv2d(tf, x, weights.conv1, { stride: 2, padding: 3 }), weights.bn1, {
    mode,
  }).relu<Tensor4D>(); // [N, H/2, W/2, w0]
  const pooled = tf.maxPool(stem, 3, 2, 1, "floor"); // [N, H/4, W/4, w0]
  const one = stage(tf, pooled, weights.layer1, 1, mode); // [N, H/4, W/4, w0]
  const two = stage(tf, one, weights.layer2, 2, mode); // [N, H/8, W/8, w1]
  const three = stage(tf, two, weights.layer3, 2, mode); // [N, H/16, W/16, w2]
  const four = stage(tf, three, weights.layer4, 2, mode); // [N, H/32, W/32, w3]
  return four.mean<Tensor2D>([1, 2]); // [N, w3]
}

function stage(tf: TensorFlow, x: Tensor4D, blocks: readonly BasicBlockWeights[], stride: 1 | 2, mode: Mode): Tensor4D {
  return blocks.reduce((y, block, i) => basicBlock(tf, y, block, { stride: i === 0 ? stride : 1, mode }), x);
}

/** relu(bn(conv(relu(bn(conv(x))))) + shortcut(x)), [N, H, W, in] → [N, H/stride, W/stride, out] */
export function basicBlock(
  tf: TensorFlow,
  x: Tensor4D,
  weights: BasicBlockWeights,
  { stride, mode }: { stride: 1 | 2; mode: Mode },
): Tensor4D {
  const inner = batchNorm(tf, conv2d(tf, x, weights.conv1, { stride, padding: 1 }), weights.bn1, { mode }).relu<Tensor4D>();
  const outer = batchNorm(tf, conv2d(tf, inner, weights.conv2, { padding: 1 }), weights.bn2, { mode });
  return outer.add<Tensor4D>(shortcut(tf, x, weights, stride, mode)).relu();
}

function shortcut(tf: TensorFlow, x: Tensor4D, { downsample }: BasicBlockWeights, stride: 1 | 2, mode: Mode): Tensor4D {
  if (downsample === undefined) return x;
  const [conv, bn] = downsample;
  return batchNorm(tf, conv2d(tf, x, conv, { stride }), bn, { mode });
}

export function initBasicBlock(
  tf: TensorFlow,
  inputs: number,
  outputs: number,
  stride: 1 | 2,
  random: Random,
): BasicBlockWeights {
  const changes = stride !== 1 || inputs !== outputs;
  return {
    conv1: initConv(tf, 3, inputs, outputs, random.stream("conv1")),
    bn1: initBatchNorm(tf, outputs),
    conv2: initConv(tf, 3, outputs, outputs, random.stream("conv2")),
    bn2: initBatchNorm(tf, outputs),
    ...(changes && {
      downsample: [initConv(tf, 1, inputs, outputs, random.stream("downsample")), initBatchNorm(tf, outputs)] as const,
    }),
  };
}
