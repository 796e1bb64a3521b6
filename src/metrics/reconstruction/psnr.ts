import { InvalidValue, ShapeMismatch, type CaseScore } from "../../core/index.js";
import { excluded, score } from "../value.js";

export type Image = ArrayLike<number>;

/**
 * Peak signal-to-noise ratio in dB, 10·log₁₀(range² / MSE).
 *
 * Convention `given-range`: the data range must be said (1 for images in [0, 1], 255 for bytes), because libraries
 * guess it from the array's type. Equal images have no finite PSNR and are excluded (`identical`), so they cannot
 * pull a mean to infinity.
 *
 * @param image the reconstruction
 * @param truth the reference, same length
 * @throws ShapeMismatch, InvalidValue
 * @example psnr([0, 0.1], [0, 0], 1) // MSE 0.005: 23.01 dB
 */
export function psnr(image: Image, truth: Image, dataRange: number): CaseScore {
  if (!(dataRange > 0)) throw new InvalidValue("psnr", "the data range must be above 0", dataRange);
  const error = meanSquaredError(image, truth);
  return error === 0 ? excluded("identical") : score(10 * Math.log10((dataRange * dataRange) / error));
}

/** Mean squared error; bytes are compared as numbers, without the modulo-256 arithmetic of unsigned arrays. */
export function meanSquaredError(image: Image, truth: Image): number {
  requireSameImage(image, truth);
  let sum = 0;
  for (let i = 0; i < truth.length; i++) sum += (image[i] - truth[i]) ** 2;
  return sum / truth.length;
}

export function requireSameImage(image: Image, truth: Image): void {
  if (image.length !== truth.length) throw new ShapeMismatch("image", [truth.length], [image.length]);
  if (truth.length === 0) throw new InvalidValue("image", "at least one pixel is needed", []);
}
