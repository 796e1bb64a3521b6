import { constant, parameter, uniform, type Fill, type Weights } from "./plan.js";
import type { Rank, Tensor2D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** A convolution with bias and PyTorch's start values, weight [kh, kw, in, out]. */
export const planConv = (size: number | readonly [number, number], inputs: number, outputs: number, fill?: Fill, biasFill?: Fill) => {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  const standard = uniform(1 / Math.sqrt(height * width * inputs));
  return { weight: parameter<Rank.R4>([height, width, inputs, outputs], fill ?? standard), bias: parameter<Rank.R1>([outputs], biasFill ?? fill ?? standard) };
};

export type BiasedConvWeights = Weights<ReturnType<typeof planConv>>;

/** [N, H, W, in] → [N, H′, W′, out], stride 1; `same` pads a 3×3 by 1. */
export function biasedConv2d(tf: TensorFlow, x: Tensor4D, { weight, bias }: BiasedConvWeights, { padding = "valid" as "valid" | "same" } = {}): Tensor4D {
  return tf.conv2d(x, weight as Tensor4D, 1, padding).add(bias);
}

/**
 * A convolution whose stride is its size: patches do not overlap, so it is one matrix product.
 * [N, H, W, in] → [N, H/size, W/size, out]
 */
export function patchConv2d(tf: TensorFlow, x: Tensor4D, { weight, bias }: BiasedConvWeights): Tensor4D {
  const [n, height, width, inputs] = x.shape;
  const [size, , , outputs] = weight.shape;
  const [down, across] = [height / size, width / size];
  const patches = x
    .reshape<Tensor4D>([n * down, size, across, size * inputs])
    .transpose([0, 2, 1, 3]) // [N·down, across, size, size·in]
    .reshape<Tensor2D>([n * down * across, size * size * inputs]);
  return tf.matMul(patches, weight.reshape<Tensor2D>([size * size * inputs, outputs])).reshape<Tensor4D>([n, down, across, outputs]).add(bias);
}

/** A transposed 2×2 convolution of stride 2, weight [2, 2, out, in]: every pixel becomes a square of four. */
export const planUpConv = (inputs: number, outputs: number) => {
  const fill = uniform(1 / Math.sqrt(4 * outputs));
  return { weight: parameter<Rank.R4>([2, 2, outputs, inputs], fill), bias: parameter<Rank.R1>([outputs], fill) };
};

export type UpConvWeights = Weights<ReturnType<typeof planUpConv>>;

/** [N, H, W, in] → [N, 2H, 2W, out] */
export function upConv2d(tf: TensorFlow, x: Tensor4D, { weight, bias }: UpConvWeights): Tensor4D {
  return plainUpConv2d(tf, x, weight as Tensor4D).add(bias);
}

/** The same without bias. Windows do not overlap, so it is one matrix product and a re-ordering. */
export function plainUpConv2d(tf: TensorFlow, x: Tensor4D, weight: Tensor4D): Tensor4D {
  const [n, h, w, inputs] = x.shape;
  const outputs = weight.shape[2];
  const squares = tf.matMul(x.reshape<Tensor2D>([n * h * w, inputs]), weight.reshape<Tensor2D>([4 * outputs, inputs]), false, true); // [N·H·W, 2·2·out]
  return squares
    .reshape<Tensor4D>([n * h, w, 2, 2 * outputs])
    .transpose([0, 2, 1, 3]) // [N·H, 2, W, 2·out]
    .reshape<Tensor4D>([n, 2 * h, 2 * w, outputs]);
}

/** A convolution without bias whose start values are PyTorch's. */
export const planPlainConv = (size: number, inputs: number, outputs: number) => ({
  weight: parameter<Rank.R4>([size, size, inputs, outputs], uniform(1 / Math.sqrt(size * size * inputs))),
});

/** All zeros, for biases that start so. */
export const zeros = constant(0);
