import { InvalidValue, ShapeMismatch } from "../core/index.js";

/** Eight-bit pixels, row-major, channels interleaved. */
export interface ByteImage {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA. */
  readonly channels: number;
  readonly data: Uint8Array;
}

/**
 * Bilinear resize with antialiasing, bit for bit as Pillow's `Image.resize(…, BILINEAR)`: a triangle filter whose support
 * grows with the shrink factor, weights rounded to 22 bits, first along rows, then along columns, 8 bits in between.
 * An axis that keeps its size is not touched. With 2 or 4 channels the last is alpha and colours are weighed by it,
 * as Pillow does for LA and RGBA.
 *
 * @throws InvalidValue for sizes below 1 or channels other than 1–4; ShapeMismatch when `data` has another length
 * @example resizeBilinear({ width: 4, height: 1, channels: 1, data: Uint8Array.of(0, 100, 200, 50) }, 8, 1).data
 * //                                                                       [0, 25, 75, 125, 175, 163, 88, 50]
 * @see Pillow 12.3, src/libImaging/Resample.c
 */
export function resizeBilinear<Image extends ByteImage>(image: Image, width: number, height: number): ByteImage {
  return resizeBytes(image, width, height, triangle);
}

/**
 * {@link resizeBilinear} with Keys' cubic kernel, a = −½: Pillow's `Image.resize(…, BICUBIC)`, bit for bit.
 * @throws as {@link resizeBilinear}
 */
export function resizeBicubic<Image extends ByteImage>(image: Image, width: number, height: number): ByteImage {
  return resizeBytes(image, width, height, cubic);
}

/** One number a pixel, row by row. */
export interface RealImage {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** {@link resizeBicubic} without rounding, as Pillow resizes its mode F: values may lie beyond those of the image. */
export function resizeBicubicReal({ width: fromWidth, height: fromHeight, data }: RealImage, width: number, height: number): Float64Array {
  const across = realTaps(fromWidth, width, cubic);
  const down = realTaps(fromHeight, height, cubic);
  const wide = new Float64Array(fromHeight * width);
  for (let y = 0; y < fromHeight; y++) for (const [x, { first, weights }] of across.entries()) wide[y * width + x] = weights.reduce((sum, w, j) => sum + w * data[y * fromWidth + first + j], 0);
  const out = new Float64Array(height * width);
  for (const [y, { first, weights }] of down.entries()) for (let x = 0; x < width; x++) out[y * width + x] = weights.reduce((sum, w, j) => sum + w * wide[(first + j) * width + x], 0);
  return out;
}

function resizeBytes(image: ByteImage, width: number, height: number, kernel: Kernel): ByteImage {
  const { channels } = image;
  check(image, width, height);
  const weighed = channels === 2 || channels === 4 ? premultiplied(image.data, channels) : image.data;
  const across =
    width === image.width
      ? weighed
      : resizeAxis(weighed, {
          from: image.width,
          to: width,
          lines: image.height,
          channels,
          step: channels,
          lineStep: image.width * channels,
          outLineStep: width * channels,
          kernel,
        });
  const row = width * channels;
  const down =
    height === image.height
      ? across
      : resizeAxis(across, {
          from: image.height,
          to: height,
          lines: width,
          channels,
          step: row,
          lineStep: channels,
          outLineStep: channels,
          kernel,
        });
  const data = channels === 2 || channels === 4 ? unmultiplied(down, channels) : down;
  return { width, height, channels, data: data === image.data ? data.slice() : data };
}

interface Axis {
  readonly from: number;
  readonly to: number;
  /** How many parallel lines run along the axis. */
  readonly lines: number;
  readonly channels: number;
  /** Bytes between neighbours along the axis, in and out alike. */
  readonly step: number;
  readonly lineStep: number;
  readonly outLineStep: number;
  readonly kernel: Kernel;
}

/** A filter around 0, as wide as `support` on each side, that grows with the shrink factor. */
interface Kernel {
  readonly support: number;
  readonly at: (x: number) => number;
}

const triangle: Kernel = { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) };

const cubic: Kernel = {
  support: 2,
  at: (signed, a = -0.5) => {
    const x = Math.abs(signed);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  },
};

const PRECISION_BITS = 22;

function resizeAxis(data: Uint8Array, { from, to, lines, channels, step, lineStep, outLineStep, kernel }: Axis): Uint8Array {
  const out = new Uint8Array(to * lines * channels);
  const taps = byteTaps(from, to, kernel);
  for (let x = 0; x < to; x++) {
    const { first, weights } = taps[x];
    for (let line = 0; line < lines; line++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 1 << (PRECISION_BITS - 1);
        let at = line * lineStep + first * step + channel;
        for (let j = 0; j < weights.length; j++, at += step) sum += weights[j] * data[at];
        out[line * outLineStep + x * step + channel] = Math.max(0, Math.min(255, sum >> PRECISION_BITS));
      }
    }
  }
  return out;
}

function realTaps(from: number, to: number, { support, at }: Kernel): { first: number; weights: Float64Array }[] {
  const scale = from / to;
  const shrink = Math.max(scale, 1);
  return Array.from({ length: to }, (_, x) => {
    const center = (x + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support * shrink + 0.5));
    const end = Math.min(from, Math.trunc(center + support * shrink + 0.5));
    const raw = Float64Array.from({ length: end - first }, (_, j) => at((first + j - center + 0.5) * (1 / shrink)));
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: raw.map((weight) => weight / total) };
  });
}

/** Weights rounded to 22 bits, half away from zero. */
function byteTaps(from: number, to: number, kernel: Kernel): { first: number; weights: Int32Array }[] {
  return realTaps(from, to, kernel).map(({ first, weights }) => (
    { first, weights: Int32Array.from(weights, (weight) => Math.trunc(weight * 2 ** PRECISION_BITS + (weight < 0 ? -0.5 : 0.5))) }
  ));
}

function premultiplied(data: Uint8Array, channels: number): Uint8Array {
  return data.map((value, i) => {
    if (i % channels === channels - 1) return value;
    const product = value * data[i - (i % channels) + channels - 1] + 128;
    return ((product >> 8) + product) >> 8;
  });
}

function unmultiplied(data: Uint8Array, channels: number): Uint8Array {
  return data.map((value, i) => {
    const alpha = data[i - (i % channels) + channels - 1];
    if (i % channels === channels - 1 || alpha === 0 || alpha === 255) return value;
    return Math.min(255, Math.trunc((255 * value) / alpha));
  });
}

function check({ width, height, channels, data }: ByteImage, toWidth: number, toHeight: number): void {
  for (const size of [width, height, toWidth, toHeight]) {
    if (!Number.isInteger(size) || size < 1)
      throw new InvalidValue("resizeBilinear", "widths and heights must be whole numbers from 1", size);
  }
  if (![1, 2, 3, 4].includes(channels)) throw new InvalidValue("resizeBilinear", "an image has 1 to 4 channels", channels);
  if (data.length !== width * height * channels)
    throw new ShapeMismatch("resizeBilinear", [height, width, channels], [data.length]);
}
