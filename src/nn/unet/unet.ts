import { batchNorm, planBatchNorm } from "../batch-norm.js";
import { biasedConv2d, planConv, planPlainConv, planUpConv, upConv2d, type UpConvWeights } from "../biased-conv.js";
import { interpolate } from "../interpolate.js";
import type { Weights } from "../plan.js";
import type { Tensor4D, TensorFlow } from "../tensorflow.js";

/** `train` normalises by the batch, `eval` by the running statistics. */
export type Mode = "train" | "eval";

export interface UNetShape {
  readonly inputs: number;
  readonly classes: number;
  /** Channels from the finest level down; [64, 128, 256, 512, 1024] is the published network. */
  readonly widths: readonly number[];
  /** How a level's maps are doubled. `transposed` is the repository's default. */
  readonly upsampling: "transposed" | "bilinear";
}

export const standardUNet: UNetShape = { inputs: 1, classes: 4, widths: [64, 128, 256, 512, 1024], upsampling: "transposed" };

/** (3×3 convolution, batch norm, ReLU) twice; names are PyTorch-UNet's. */
const planDoubleConv = (inputs: number, outputs: number, middle = outputs) => ({
  double_conv: { 0: planPlainConv(3, inputs, middle), 1: planBatchNorm(middle), 3: planPlainConv(3, middle, outputs), 4: planBatchNorm(outputs) },
});

type DoubleConvWeights = Weights<ReturnType<typeof planDoubleConv>>;

/** [N, H, W, in] → [N, H, W, out] */
function doubleConv(tf: TensorFlow, x: Tensor4D, { double_conv: w }: DoubleConvWeights, mode: Mode): Tensor4D {
  const once = batchNorm(tf, tf.conv2d(x, w[0].weight as Tensor4D, 1, "same"), w[1], { mode }).relu<Tensor4D>();
  return batchNorm(tf, tf.conv2d(once, w[3].weight as Tensor4D, 1, "same"), w[4], { mode }).relu<Tensor4D>();
}

const planUp = (inputs: number, outputs: number, upsampling: UNetShape["upsampling"]) =>
  upsampling === "transposed"
    ? { up: planUpConv(inputs, inputs / 2), conv: planDoubleConv(inputs, outputs) }
    : { conv: planDoubleConv(inputs, outputs, inputs / 2) };

type DownPlan = { readonly maxpool_conv: { readonly 1: ReturnType<typeof planDoubleConv> } };
/** Without `up` where maps are doubled by interpolation. */
type UpPlan = { readonly up?: ReturnType<typeof planUpConv>; readonly conv: ReturnType<typeof planDoubleConv> };
interface LevelWeights {
  readonly [down: `down${number}`]: { readonly maxpool_conv: { readonly 1: DoubleConvWeights } };
  readonly [up: `up${number}`]: { readonly up?: UpConvWeights; readonly conv: DoubleConvWeights };
}

/**
 * U-Net as milesial's PyTorch-UNet has it, which the ASMR-seg release copies. Property names are that repository's, so paths are its weight names.
 *
 * @example plannedCount(planUNet(standardUNet)) // 31,036,676
 * @see Ronneberger, Fischer & Brox, MICCAI 2015; github.com/milesial/Pytorch-UNet; ASMR-seg spec §3.1
 */
export function planUNet({ inputs, classes, widths, upsampling }: UNetShape) {
  const levels = widths.length - 1;
  const share = upsampling === "transposed" ? 1 : 2;
  const width = (level: number): number => (level === levels ? widths[level] / share : widths[level]);
  const downs: [`down${number}`, DownPlan][] = Array.from({ length: levels }, (_, i) => [`down${i + 1}`, { maxpool_conv: { 1: planDoubleConv(widths[i], width(i + 1)) } }]);
  const ups: [`up${number}`, UpPlan][] = Array.from({ length: levels }, (_, i) => {
    const level = levels - 1 - i; // the level it rises to
    return [`up${i + 1}`, planUp(widths[level + 1], level === 0 ? widths[0] : widths[level] / share, upsampling)];
  });
  return {
    inc: planDoubleConv(inputs, widths[0]),
    ...(Object.fromEntries(downs) as Record<`down${number}`, DownPlan>),
    ...(Object.fromEntries(ups) as Record<`up${number}`, UpPlan>),
    outc: { conv: planConv(1, widths[0], classes) },
  };
}

export type UNetWeights = Weights<Pick<ReturnType<typeof planUNet>, "inc" | "outc">> & LevelWeights;

/**
 * Logits of every pixel. A side that is no multiple of 2^levels is rounded down on the way and padded on the way back, as in the original.
 * @param x [N, H, W, inputs]
 * @returns [N, H, W, classes]
 */
export function unet(tf: TensorFlow, x: Tensor4D, weights: UNetWeights, { widths }: Pick<UNetShape, "widths">, mode: Mode): Tensor4D {
  const skips = [doubleConv(tf, x, weights.inc, mode)];
  for (let level = 1; level < widths.length; level++)
    skips.push(doubleConv(tf, tf.maxPool(skips[level - 1], 2, 2, "valid"), weights[`down${level}`].maxpool_conv[1], mode)); // [N, H/2^level, …]
  let y = skips.at(-1)!;
  for (let up = 1; up < widths.length; up++) {
    const { up: rise, conv } = weights[`up${up}`];
    const [, height, width] = y.shape;
    const larger = rise === undefined ? interpolate(tf, y, 2 * height, 2 * width, "bilinear-corners") : upConv2d(tf, y, rise);
    const skip = skips[widths.length - 1 - up];
    y = doubleConv(tf, tf.concat([skip, padTo(tf, larger, skip.shape[1], skip.shape[2])], 3), conv, mode);
  }
  return biasedConv2d(tf, y, weights.outc.conv);
}

/** Zeros around a map, the smaller half before. */
export function padTo(tf: TensorFlow, x: Tensor4D, height: number, width: number): Tensor4D {
  const [dy, dx] = [height - x.shape[1], width - x.shape[2]];
  if (dy === 0 && dx === 0) return x;
  const [top, left] = [Math.floor(dy / 2), Math.floor(dx / 2)];
  return tf.pad(x, [[0, 0], [top, dy - top], [left, dx - left], [0, 0]]);
}
