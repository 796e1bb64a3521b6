import { InvalidValue, ShapeMismatch } from "../core/index.js";

/**
 * Gaussian smoothing of a row-major image as `scipy.ndimage.gaussian_filter` does it: separable, cut at 4σ (radius ⌊4σ + ½⌋),
 * beyond the border the image mirrored with its edge pixel repeated. In float64, rows of the image first.
 * @param sigma in pixels, above 0
 * @throws InvalidValue, ShapeMismatch
 * @example gaussianFilter([0, 0, 1, 0, 0], 1, 5, 1) // [0.054, 0.246, 0.399, 0.246, 0.054]
 * @see SciPy 1.17, ndimage/_filters.py
 */
export function gaussianFilter(image: ArrayLike<number>, height: number, width: number, sigma: number): Float64Array {
  if (!(sigma > 0)) throw new InvalidValue("gaussianFilter", "sigma must be above 0", sigma);
  if (image.length !== height * width) throw new ShapeMismatch("gaussianFilter", [height, width], [image.length], "Check the image's sides.");
  const weights = gaussianWeights(sigma);
  const down = along(image, { length: height, step: width, lines: width, lineStep: 1 }, weights);
  return along(down, { length: width, step: 1, lines: height, lineStep: width }, weights);
}

/** One-sided weights: [0] of the centre, [k] of both neighbours k pixels away; they sum to 1. */
function gaussianWeights(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const raw = Float64Array.from({ length: radius + 1 }, (_, k) => Math.exp((-0.5 * k * k) / (sigma * sigma)));
  const total = raw.reduce((sum, weight, k) => sum + (k === 0 ? weight : 2 * weight), 0);
  return raw.map((weight) => weight / total);
}

interface Lines {
  readonly length: number;
  readonly step: number;
  readonly lines: number;
  readonly lineStep: number;
}

function along(image: ArrayLike<number>, { length, step, lines, lineStep }: Lines, weights: Float64Array): Float64Array {
  const out = new Float64Array(image.length);
  const radius = weights.length - 1;
  const padded = new Float64Array(length + 2 * radius);
  const source = Int32Array.from(padded, (_, i) => mirrored(i - radius, length));
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    for (let i = 0; i < padded.length; i++) padded[i] = image[start + source[i] * step];
    for (let i = 0; i < length; i++) {
      let sum = weights[0] * padded[i + radius];
      for (let k = 1; k <= radius; k++) sum += weights[k] * (padded[i + radius - k] + padded[i + radius + k]);
      out[start + i * step] = sum;
    }
  }
  return out;
}

/** … b a | a b c | c b … */
function mirrored(index: number, length: number): number {
  const at = ((index % (2 * length)) + 2 * length) % (2 * length);
  return at < length ? at : 2 * length - 1 - at;
}
