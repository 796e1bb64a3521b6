import { ShapeMismatch } from "../core/index.js";
import { fftPlan } from "./fft.js";

/** A complex picture or its k-space, row-major: entry (row, column) is at `row · width + column`. */
export interface ComplexPlane {
  readonly height: number;
  readonly width: number;
  readonly real: Float64Array;
  readonly imag: Float64Array;
}

/**
 * A plane from real and, where given, imaginary values.
 * @throws ShapeMismatch when there are not height · width of them
 */
export function complexPlane(
  height: number,
  width: number,
  real: ArrayLike<number>,
  imag?: ArrayLike<number>,
): ComplexPlane {
  for (const part of [real, imag]) {
    if (part !== undefined && part.length !== height * width)
      throw new ShapeMismatch("complexPlane", [height, width], [part.length]);
  }
  return {
    height,
    width,
    real: Float64Array.from(real),
    imag: imag ? Float64Array.from(imag) : new Float64Array(real.length),
  };
}

/**
 * Picture → k-space: fftshift(FFT2(ifftshift(x))), scaled by 1/√(height · width), so that energy is kept.
 * Zero frequency is at row ⌊height/2⌋, column ⌊width/2⌋; columns are the phase-encoding direction. Any size.
 *
 * @example centeredFft2(complexPlane(4, 4, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0])).real // 0.25 everywhere
 * @see ASMR segmentation spec §2.6
 */
export function centeredFft2(picture: ComplexPlane): ComplexPlane {
  return transform2(picture, "forward");
}

/** k-space → picture: the inverse of {@link centeredFft2}. */
export function centeredIfft2(kspace: ComplexPlane): ComplexPlane {
  return transform2(kspace, "inverse");
}

/**
 * k-space with the columns whose mask is 0 set to zero, as if they had not been acquired.
 * @param mask one number a column; non-zero is acquired
 * @throws ShapeMismatch when there is not one a column
 */
export function keepColumns({ height, width, real, imag }: ComplexPlane, mask: ArrayLike<number>): ComplexPlane {
  if (mask.length !== width) throw new ShapeMismatch("keepColumns", [width], [mask.length], "Give one mask value a column.");
  const kept = (values: Float64Array): Float64Array => values.map((value, i) => (mask[i % width] === 0 ? 0 : value));
  return { height, width, real: kept(real), imag: kept(imag) };
}

/**
 * The columns of `mask` and, for free, their mirrors: for a real picture k-space at (−u, −v) is the conjugate of (u, v),
 * so an acquired column also tells the one mirrored about the zero frequency.
 * Entries whose own column was acquired stay as they are.
 */
export function keepColumnsAndMirrors(kspace: ComplexPlane, mask: ArrayLike<number>): ComplexPlane {
  const { height, width, real, imag } = kspace;
  const kept = keepColumns(kspace, mask);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const mirror = mirrored(column, width);
      if (mask[column] !== 0 || mask[mirror] === 0) continue;
      const from = mirrored(row, height) * width + mirror;
      kept.real[row * width + column] = real[from];
      kept.imag[row * width + column] = -imag[from];
    }
  }
  return kept;
}

/**
 * The picture one sees after acquiring some columns, all others taken as zero: |ifft(mask · k)|.
 * @returns height · width magnitudes, not clipped
 * @example zeroFilled(centeredFft2(complexPlane(4, 4, [1, …, 16])), [0, 0, 1, 0]) // rows of 2.5, 6.5, 10.5, 14.5
 */
export function zeroFilled(kspace: ComplexPlane, mask: ArrayLike<number>): Float64Array {
  return magnitude(centeredIfft2(keepColumns(kspace, mask)));
}

/** |z| of every entry. */
export function magnitude({ real, imag }: ComplexPlane): Float64Array {
  return real.map((re, i) => Math.hypot(re, imag[i]));
}

/** Index of −f where `at` is the index of f, zero frequency at ⌊size/2⌋; for even sizes index 0 is its own mirror. */
function mirrored(at: number, size: number): number {
  return (2 * (size >> 1) - at + size) % size;
}

function transform2({ height, width, real, imag }: ComplexPlane, direction: "forward" | "inverse"): ComplexPlane {
  const out = { height, width, real: real.slice(), imag: imag.slice() };
  for (let row = 0; row < height; row++) transformLine(out, { start: row * width, step: 1, size: width }, direction);
  for (let column = 0; column < width; column++) transformLine(out, { start: column, step: width, size: height }, direction);
  return out;
}

/** Both shifts are one rotation by ⌊size/2⌋: entry i of the centred line is entry i − ⌊size/2⌋, cyclically, of the plain one. */
function transformLine(
  { real, imag }: ComplexPlane,
  { start, step, size }: { start: number; step: number; size: number },
  direction: "forward" | "inverse",
): void {
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  const plain = (i: number): number => (i + size - (size >> 1)) % size;
  for (let i = 0; i < size; i++) {
    re[plain(i)] = real[start + i * step];
    im[plain(i)] = imag[start + i * step];
  }
  fftPlan(size)[direction](re, im);
  const scale = direction === "forward" ? 1 / Math.sqrt(size) : Math.sqrt(size); // the plan's inverse already divides by size
  for (let i = 0; i < size; i++) {
    real[start + i * step] = re[plain(i)] * scale;
    imag[start + i * step] = im[plain(i)] * scale;
  }
}
