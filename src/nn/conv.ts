import type { Random } from "../core/index.js";
import type { Rank, Tensor4D, TensorFlow, Variable } from "./tensorflow.js";
import { newVariable } from "./variable.js";

/** A square 2-D convolution without bias. PyTorch's order [out, in, k, k] is restored where weights are saved. */
export interface ConvWeights {
  readonly weight: Variable<Rank.R4>; // [k, k, in, out]
}

/** He-normal by fan-out, as torchvision starts its ResNets: N(0, 2 / (k²·out)). */
export function initConv(tf: TensorFlow, size: number, inputs: number, outputs: number, random: Random): ConvWeights {
  const deviation = Math.sqrt(2 / (size * size * outputs));
  const values = Float32Array.from({ length: size * size * inputs * outputs }, () => random.normal(0, deviation));
  return { weight: newVariable<Rank.R4>(tf, values, [size, size, inputs, outputs]) };
}

/** Zero-padded by `padding` on every side. [N, H, W, in] → [N, ⌊(H + 2p − k)/stride⌋ + 1, …, out] */
export function conv2d(tf: TensorFlow, x: Tensor4D, { weight }: ConvWeights, { stride = 1, padding = 0 } = {}): Tensor4D {
  return tf.conv2d(x, weight as Tensor4D, stride, padding, "NHWC", 1, "floor");
}
