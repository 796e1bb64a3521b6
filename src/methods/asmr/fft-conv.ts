import { parameter, type ComplexTensor, type Fill, type Weights } from "../../nn/index.js";
import type { Rank, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** Real parts N(0, 1)/25, imaginary parts 0. */
const fill: Fill = (random, shape) => Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i % 2 === 0 ? random.normal(0, 1 / 25) : 0));

/** ASMR's learned complex 5×5 filter, [1, 1, 5, 5, 2] as PyTorch stores it: the last axis is real, imaginary. */
export const planFftConv = (size = 5) => ({ weight: parameter<Rank.R5>([1, 1, size, size, 2], fill) });

export type FftConvWeights = Weights<ReturnType<typeof planFftConv>>;

/**
 * ASMR's convolution in k-space, ifft2(fft2(x) · conj(fft2(w))): a circular cross-correlation
 * out[y, x] = Σ img[y + a, x + b] · conj(w[a, b]) whose kernel hangs at its top left corner, so pictures shift by up to 4 pixels.
 * Computed as what it is, one real convolution of the picture continued circularly to the right and below.
 *
 * @param x complex picture, [B, H, W]
 * @see ASMR-seg spec §3.2, pitfalls 1 and 2, vector 11
 */
export function fftConv(tf: TensorFlow, { real, imag }: ComplexTensor, { weight }: FftConvWeights): ComplexTensor {
  const [, , size] = weight.shape;
  const reach = size - 1;
  const [re, im] = weight.reshape<Tensor3D>([size, size, 2]).unstack(2); // [5, 5]
  // (a + ib)·(c − id) = ac + bd + i(bc − ad)
  const kernel = tf.stack([tf.stack([re, im.neg()], -1), tf.stack([im, re], -1)], 2) as Tensor4D; // [5, 5, in: re, im, out: re, im]
  const picture = tf.stack([real, imag], 3) as Tensor4D; // [B, H, W, 2]
  const below = tf.concat([picture, picture.slice([0, 0, 0, 0], [-1, reach, -1, -1])], 1);
  const around = tf.concat([below, below.slice([0, 0, 0, 0], [-1, -1, reach, -1])], 2); // [B, H + 4, W + 4, 2]
  const [outRe, outIm] = tf.conv2d(around, kernel, 1, "valid").unstack(3) as [Tensor3D, Tensor3D];
  return { real: outRe, imag: outIm };
}
