import { InvalidValue, ShapeMismatch, type CaseScore } from "../../core/index.js";
import { score } from "../value.js";
import { requireSameImage, type Image } from "./psnr.js";

export interface SsimOptions {
  /** Side of the uniform window, odd; 7. */
  readonly window?: number;
  readonly k1?: number;
  readonly k2?: number;
  /** 1 unless given. `truth`: largest minus smallest value of the truth, as fastMRI's and ASMR's code; 1 where that is 0. */
  readonly dataRange?: number | "truth";
}

/**
 * Structural similarity of two images, the mean over all window positions inside the image.
 *
 * Convention `uniform-7, sample-covariance`: scikit-image's defaults (uniform window, K₁ 0.01, K₂ 0.03, covariance with
 * N − 1, a border of half a window left out). The original paper uses an 11-wide Gaussian window instead.
 *
 * @param shape rows × columns, at least the window in both
 * @returns a score ≤ 1
 * @throws ShapeMismatch, InvalidValue
 * @see Wang et al., IEEE TIP 2004
 */
export function ssim(
  image: Image,
  truth: Image,
  shape: readonly [rows: number, columns: number],
  options: SsimOptions = {},
): CaseScore {
  const { window = 7, k1 = 0.01, k2 = 0.03, dataRange = 1 } = options;
  const [rows, columns] = shape;
  requireSameImage(image, truth);
  if (rows * columns !== truth.length) throw new ShapeMismatch("image", shape, [truth.length]);
  if (window % 2 !== 1 || rows < window || columns < window) {
    throw new InvalidValue("ssim", "the window must be odd and fit into the image", { window, shape });
  }
  const range = dataRange === "truth" ? rangeOf(truth) || 1 : dataRange;
  if (!(range > 0)) throw new InvalidValue("ssim", "the data range must be above 0", range);
  const [c1, c2] = [(k1 * range) ** 2, (k2 * range) ** 2];
  const count = window * window;
  const unbiased = count / (count - 1);
  // Shifting both images changes no variance and keeps the running sums small.
  const shift = truth[0];
  const means = (value: (i: number) => number): Float64Array => windowMeans(value, rows, columns, window);
  const mx = means((i) => image[i] - shift);
  const my = means((i) => truth[i] - shift);
  const mxx = means((i) => (image[i] - shift) ** 2);
  const myy = means((i) => (truth[i] - shift) ** 2);
  const mxy = means((i) => (image[i] - shift) * (truth[i] - shift));
  let sum = 0;
  for (let i = 0; i < mx.length; i++) {
    const vx = unbiased * (mxx[i] - mx[i] * mx[i]);
    const vy = unbiased * (myy[i] - my[i] * my[i]);
    const vxy = unbiased * (mxy[i] - mx[i] * my[i]);
    const [ux, uy] = [mx[i] + shift, my[i] + shift];
    sum += ((2 * ux * uy + c1) * (2 * vxy + c2)) / ((ux * ux + uy * uy + c1) * (vx + vy + c2));
  }
  return score(sum / mx.length);
}

function rangeOf(values: Image): number {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  return high - low;
}

/** The mean over every window that lies inside the image, by separate sums along rows and columns. */
function windowMeans(value: (i: number) => number, rows: number, columns: number, window: number): Float64Array {
  const width = columns - window + 1;
  const height = rows - window + 1;
  const along = new Float64Array(rows * width);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < window; k++) sum += value(y * columns + x + k);
      along[y * width + x] = sum;
    }
  }
  const out = new Float64Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < window; k++) sum += along[(y + k) * width + x];
      out[y * width + x] = sum / (window * window);
    }
  }
  return out;
}
