import { InvalidValue, ShapeMismatch } from "../core/index.js";
import { remember } from "./memo.js";

/**
 * The discrete Fourier transform of one size, X[k] = Σ x[n]·e^(−2πi·kn/N), on separate real and imaginary arrays.
 *
 * Powers of two run an iterative radix-2 (Cooley & Tukey 1965), every other size the chirp-z form of Bluestein (1970)
 * on the next power of two above 2N − 1; both take O(N log N). Unscaled forwards; the inverse divides by N.
 * Tables are built once a size, so take plans from {@link fftPlan}.
 */
export interface FftPlan {
  readonly size: number;
  /** In place. Both arrays hold `size` numbers. */
  forward(real: Float64Array, imag: Float64Array): void;
  /** In place, divided by `size`: `inverse(forward(x))` is x. */
  inverse(real: Float64Array, imag: Float64Array): void;
}

/**
 * @param size 1 … 2²⁶
 * @throws InvalidValue for any other size
 * @example
 * const real = Float64Array.of(1, 2, 3), imag = new Float64Array(3);
 * fftPlan(3).forward(real, imag); // real [6, −1.5, −1.5], imag [0, 0.866, −0.866]
 */
export const fftPlan: (size: number) => FftPlan = remember((size) => {
  if (!Number.isInteger(size) || size < 1 || size > 2 ** 26) {
    throw new InvalidValue("fftPlan", "the size must be a whole number from 1 to 2²⁶", size);
  }
  const transform = isPowerOfTwo(size) ? radix2(size) : bluestein(size);
  const checked = (real: Float64Array, imag: Float64Array): void => {
    if (real.length !== size || imag.length !== size)
      throw new ShapeMismatch("fftPlan", [size, size], [real.length, imag.length]);
    transform(real, imag);
  };
  return {
    size,
    forward: checked,
    // Swapping real and imaginary parts conjugates twice, which turns the forward transform into the inverse.
    inverse(real, imag) {
      checked(imag, real);
      for (let i = 0; i < size; i++) {
        real[i] /= size;
        imag[i] /= size;
      }
    },
  };
});

type Transform = (real: Float64Array, imag: Float64Array) => void;

const isPowerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;

function radix2(size: number): Transform {
  const half = size >> 1;
  const cos = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sin = Float64Array.from({ length: half }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
  const reversed = bitReversal(size);
  return (real, imag) => {
    for (let i = 0; i < size; i++) {
      const j = reversed[i];
      if (j <= i) continue;
      const re = real[i];
      const im = imag[i];
      real[i] = real[j];
      imag[i] = imag[j];
      real[j] = re;
      imag[j] = im;
    }
    for (let span = 1; span < size; span <<= 1) {
      const stride = half / span;
      for (let start = 0; start < size; start += 2 * span) {
        for (let k = 0, t = 0; k < span; k++, t += stride) {
          const a = start + k;
          const b = a + span;
          const re = real[b] * cos[t] - imag[b] * sin[t];
          const im = real[b] * sin[t] + imag[b] * cos[t];
          real[b] = real[a] - re;
          imag[b] = imag[a] - im;
          real[a] += re;
          imag[a] += im;
        }
      }
    }
  };
}

function bitReversal(size: number): Uint32Array {
  const reversed = new Uint32Array(size);
  for (let i = 1; i < size; i++) reversed[i] = (reversed[i >> 1] >> 1) | (i & 1 ? size >> 1 : 0);
  return reversed;
}

/** nk = (n² + k² − (k − n)²)/2 makes the transform a convolution with the chirp e^(iπn²/N). */
function bluestein(size: number): Transform {
  const length = 2 ** Math.ceil(Math.log2(2 * size - 1));
  const convolve = radix2(length);
  const cos = new Float64Array(size);
  const sin = new Float64Array(size);
  for (let n = 0, square = 0; n < size; n++) {
    cos[n] = Math.cos((Math.PI * square) / size);
    sin[n] = -Math.sin((Math.PI * square) / size);
    square = (square + 2 * n + 1) % (2 * size); // n² mod 2N, exact where n² itself would lose bits
  }
  const kernelReal = new Float64Array(length);
  const kernelImag = new Float64Array(length);
  for (let n = 0; n < size; n++) {
    kernelReal[n] = kernelReal[(length - n) % length] = cos[n];
    kernelImag[n] = kernelImag[(length - n) % length] = -sin[n];
  }
  convolve(kernelReal, kernelImag);
  const re = new Float64Array(length);
  const im = new Float64Array(length);
  return (real, imag) => {
    re.fill(0, size);
    im.fill(0, size);
    for (let n = 0; n < size; n++) {
      re[n] = real[n] * cos[n] - imag[n] * sin[n];
      im[n] = real[n] * sin[n] + imag[n] * cos[n];
    }
    convolve(re, im);
    for (let k = 0; k < length; k++) {
      const product = re[k] * kernelReal[k] - im[k] * kernelImag[k];
      im[k] = re[k] * kernelImag[k] + im[k] * kernelReal[k];
      re[k] = product;
    }
    convolve(im, re);
    for (let k = 0; k < size; k++) {
      real[k] = (re[k] * cos[k] - im[k] * sin[k]) / length;
      imag[k] = (re[k] * sin[k] + im[k] * cos[k]) / length;
    }
  };
}
