import type { CaseScore } from "../../core/index.js";
import { excluded, score } from "../value.js";
import { meanSquaredError, type Image } from "./psnr.js";

/**
 * Normalised mean squared error, ‖x̂ − x‖² / ‖x‖², of a reconstruction; lower is better.
 *
 * Convention `energy-of-truth` (fastMRI). An all-zero truth is excluded (`zero-truth`).
 *
 * @throws ShapeMismatch
 * @example nmse([1, 1], [1, 2]) // 0.2
 */
export function nmse(image: Image, truth: Image): CaseScore {
  const error = meanSquaredError(image, truth) * truth.length;
  let energy = 0;
  for (let i = 0; i < truth.length; i++) energy += truth[i] ** 2;
  return energy === 0 ? excluded("zero-truth") : score(error / energy);
}
