import {
  batchNorm, biasedConv2d, layerNorm, normal, constant, parameter, planBatchNorm, planConv, planLayerNorm, type BatchNormOptions, type Weights,
} from "../../nn/index.js";
import type { NetworkConfig } from "./config.js";
import type { Dropout } from "./dropout.js";
import type { Rank, Tensor4D, TensorFlow } from "./tensorflow.js";

const eps = 1e-6;

/** Kaiming-normal by fan-out, as PyTorch counts it: for a transposed convolution, by its inputs. Biases 0. */
const planKaiming = (size: number, inputs: number, outputs: number) =>
  planConv(size, inputs, outputs, normal(Math.sqrt(2 / (outputs * size * size))), constant(0));

/** A transposed convolution, weight [k, k, out, in]. */
export const planKaimingTransposed = (size: number, inputs: number, outputs: number) => ({
  weight: parameter<Rank.R4>([size, size, outputs, inputs], normal(Math.sqrt(2 / (inputs * size * size)))),
  bias: parameter<Rank.R1>([outputs], constant(0)),
});

type TransposedWeights = Weights<ReturnType<typeof planKaimingTransposed>>;

/** [N, H, W, in] → [N, stride·H, stride·W, out] */
export function transposedConv(tf: TensorFlow, x: Tensor4D, { weight, bias }: TransposedWeights, stride: number): Tensor4D {
  const [n, height, width] = x.shape;
  return tf.conv2dTranspose(x, weight as Tensor4D, [n, stride * height, stride * width, weight.shape[2]], stride, "same").add(bias);
}

const planEncoderBlock = (inputs: number, outputs: number) => ({
  conv: { conv1: planKaiming(3, inputs, outputs), conv2: planKaiming(3, outputs, outputs) },
  norm: planLayerNorm(outputs),
});

type EncoderBlockWeights = Weights<ReturnType<typeof planEncoderBlock>>;

const planRefiner = (inputs: number, [first, second]: readonly [number, number], outputs: number) => ({
  conv: [planKaiming(3, inputs, first), planBatchNorm(first)] as const,
  upconv1: [planKaimingTransposed(3, first, second), planBatchNorm(second)] as const,
  upconv2: [planKaimingTransposed(3, second, outputs), planBatchNorm(outputs)] as const,
  skip_conv: planKaiming(1, inputs, outputs),
});

type RefinerWeights = Weights<ReturnType<typeof planRefiner>>;

/** Paths are those of the published encoder file. */
export const planEncoder = ({ channels: [c1, c2, c3, c4], refiner }: NetworkConfig) => ({
  e1: planEncoderBlock(1, c1),
  e2: planEncoderBlock(c1, c2),
  e3: planEncoderBlock(c2, c3),
  e4: planEncoderBlock(c3, c4),
  adapter1: planRefiner(c1, refiner, c4),
});

export type EncoderWeights = Weights<ReturnType<typeof planEncoder>>;

/**
 * The image encoder. Blocks 2 and 3 see their predecessor's map before pooling, so that features stay fine.
 * @param images [B, S, S, 1], 0 to 255, not normalised: the norms inside see to that
 * @returns features [B, S/2, S/2, d] for the mask, refined [B, S/2, S/2, d] for the points
 * @see RASALoRE spec §3.5
 */
export function encodeSlices(tf: TensorFlow, images: Tensor4D, w: EncoderWeights, mode: BatchNormOptions["mode"], dropout: Dropout): { features: Tensor4D; refined: Tensor4D } {
  const s1 = encoderBlock(tf, images, w.e1, dropout); // [B, S, S, c1]
  const s2 = encoderBlock(tf, s1, w.e2, dropout); // [B, S, S, c2]
  const s3 = encoderBlock(tf, s2, w.e3, dropout); // [B, S, S, c3]
  const features = encoderBlock(tf, tf.maxPool(s3, 2, 2, "valid"), w.e4, dropout); // [B, S/2, S/2, d]
  return { features, refined: refine(tf, s1, w.adapter1, mode) };
}

function encoderBlock(tf: TensorFlow, x: Tensor4D, { conv, norm }: EncoderBlockWeights, dropout: Dropout): Tensor4D {
  const first = biasedConv2d(tf, x, conv.conv1, { padding: "same" }).relu<Tensor4D>();
  const second = biasedConv2d(tf, first, conv.conv2, { padding: "same" }).relu<Tensor4D>();
  return dropout(layerNorm(tf, second, norm, eps), "channels");
}

/** [B, S, S, c1] → [B, S/2, S/2, d] */
function refine(tf: TensorFlow, x: Tensor4D, { conv, upconv1, upconv2, skip_conv }: RefinerWeights, mode: BatchNormOptions["mode"]): Tensor4D {
  const first = batchNorm(tf, biasedConv2d(tf, x, conv[0], { padding: "same" }), conv[1], { mode }).relu<Tensor4D>();
  const second = batchNorm(tf, transposedConv(tf, first, upconv1[0], 1), upconv1[1], { mode }).relu<Tensor4D>();
  const third = batchNorm(tf, transposedConv(tf, second, upconv2[0], 1), upconv2[1], { mode }).relu<Tensor4D>();
  const sum = third.add<Tensor4D>(biasedConv2d(tf, x, skip_conv));
  return tf.avgPool(tf.pad(sum, [[0, 0], [1, 1], [1, 1], [0, 0]]), 4, 2, "valid"); // padding counts in the average
}
