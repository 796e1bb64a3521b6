import { parameter, type ComplexTensor, type Fill, type Weights } from "../../nn/index.js";
import type { Rank, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** Real parts N(0, 1)/25, imaginary parts 0. */
const fill: Fill = (random, shape) => Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i % 2 === 0 ? random.normal(0, 1 / 25) : 0));

/** ASMR's learned complex 5×5 filter, [1, 1, 5, 5, 2] as PyTorch stores it: the last axis is real, imaginary. */
export const planFftConv = (size = 5) => ({ weight: parameter<Rank.R5>([1, 1, size, size, 2], fill) });

export type FftConvWeights = Weights<ReturnType<typeof planFftConv>>;

/**
 * ASMR's convolution in k-space, ifft2(fft2(x) · conj(fft2(w))): a circular cross-correlation
 * out[y, x] = Σ img[y + a, x + b] · conj(w[a, b]) whose kernel hangs at its top left corner, so pictures shift by up to 4 pixels.
 *
 * Computed as products of blocks of columns with banded matrices, one for each row of the filter: a convolution of so few channels
 * has a slow gradient in most engines (ONNX Runtime, 64 pictures of 48×48, both networks: 41 ms, so 11 ms).
 *
 * @param x complex picture, [B, H, W]
 * @see ASMR-seg spec §3.2, pitfalls 1 and 2, vector 11
 */
export function fftConv(tf: TensorFlow, { real, imag }: ComplexTensor, { weight }: FftConvWeights): ComplexTensor {
  const [batch, height, width] = real.shape;
  const [, , size] = weight.shape;
  const reach = size - 1;
  const block = blockOf(width);
  const [blocks, seen] = [width / block, block + reach];
  const picture = tf.stack([real, imag], 3) as Tensor4D; // [B, H, W, 2]
  const below = tf.concat([picture, picture.slice([0, 0, 0, 0], [-1, reach, -1, -1])], 1);
  const around = tf.concat([below, below.slice([0, 0, 0, 0], [-1, -1, reach, -1])], 2); // [B, H + 4, W + 4, 2]
  const windows = tf.stack(Array.from({ length: blocks }, (_, i) => around.slice([0, 0, i * block, 0], [-1, -1, seen, -1]).reshape([batch, height + reach, seen * 2])), 2);
  const rowProducts = bands(tf, weight.reshape([size, size, 2]), block).map((band, a) =>
    tf.matMul(windows.slice([0, a, 0, 0], [-1, height, -1, -1]).reshape<Tensor2D>([batch * height * blocks, seen * 2]), band));
  const [outRe, outIm] = tf.addN(rowProducts).reshape([batch, height, width, 2]).unstack(3) as [Tensor3D, Tensor3D];
  return { real: outRe, imag: outIm };
}

/** Columns that are convolved together: more make longer products, of which more is zero. */
const blockOf = (width: number): number => [16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1].find((block) => width % block === 0)!;

/** For each row of a filter [5, 5, 2] the matrix from the columns seen to those of the block, both with real and imaginary part. → 5 × [(block + 4)·2, block·2] */
function bands(tf: TensorFlow, filter: Tensor3D, block: number): Tensor2D[] {
  const [size] = filter.shape;
  const seen = block + size - 1;
  const [re, im] = filter.transpose<Tensor3D>([1, 0, 2]).unstack(2); // [b, a]
  // (a + ib)·(c − id) = ac + bd + i(bc − ad)
  const kernel = tf.stack([tf.stack([re, im.neg()], -1), tf.stack([im, re], -1)], 2); // [b, a, in: re, im; out: re, im]
  const offsets = tf.tensor2d(Float32Array.from({ length: seen * block * size }, (_, i) => Number(Math.floor(i / size / block) - (Math.floor(i / size) % block) === i % size)), [seen * block, size]);
  const spread = tf.matMul(offsets, kernel.reshape<Tensor2D>([size, size * 4])).reshape([seen, block, size, 2, 2]);
  return spread.transpose([2, 0, 3, 1, 4]).reshape<Tensor3D>([size, seen * 2, block * 2]).unstack(0);
}
