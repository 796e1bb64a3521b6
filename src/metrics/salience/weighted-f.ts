import type { CaseScore } from "../../core/index.js";
import { excluded, score } from "../value.js";
import { requireGrid, type Mask } from "../segmentation/mask.js";

/** What lies beyond the image for the smoothing: `zero` (MATLAB, PySODMetrics) or the nearest pixel, `replicate` (PRS-Med). */
export type WeightedFBorder = "zero" | "replicate";

/**
 * Weighted F-measure (β = 1): errors near the object weigh less, errors far from it more.
 *
 * Off the object a pixel's error is replaced by that of its nearest object pixel (the leftmost, then topmost among
 * equals, as MATLAB and SciPy), errors are smoothed by a 7×7 Gaussian with σ 5, and the background weighs
 * 2 − exp(ln ½ / 5 · distance).
 *
 * @param prediction values in [0, 1]
 * @param shape rows × columns
 * @returns a score in [0, 1]; excluded (`truth-empty`) without an object
 * @throws ShapeMismatch
 * @see Margolin et al., CVPR 2014
 */
export function weightedF(
  prediction: ArrayLike<number>,
  truth: Mask,
  shape: readonly [number, number],
  { border = "zero" }: { border?: WeightedFBorder } = {},
): CaseScore {
  requireGrid({ shape, spacingMm: [1, 1] }, prediction, truth);
  const n = truth.length;
  const error = Float64Array.from({ length: n }, (_, i) => Math.abs(prediction[i] - (truth[i] ? 1 : 0)));
  const { nearest, squared } = nearestForeground(truth, shape);
  if (nearest[0] < 0) return excluded("truth-empty");
  const smooth = gaussian7(
    error.map((_, i) => error[nearest[i]]),
    shape,
    border,
  );
  let [objectError, backgroundError, size] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    if (truth[i]) {
      objectError += Math.min(error[i], smooth[i]);
      size++;
    } else {
      backgroundError += error[i] * (2 - Math.exp((Math.log(0.5) / 5) * Math.sqrt(squared[i])));
    }
  }
  const found = size - objectError;
  const recall = 1 - objectError / size;
  const precision = found / (found + backgroundError + Number.EPSILON);
  return score((2 * recall * precision) / (recall + precision + Number.EPSILON));
}

// Nearest foreground pixel by columns, then along each row: exact, the row search stops where it cannot get nearer.
function nearestForeground(
  truth: Mask,
  [rows, columns]: readonly [number, number],
): { nearest: Int32Array; squared: Float64Array } {
  const inColumn = new Int32Array(truth.length).fill(-1);
  for (let x = 0; x < columns; x++) {
    let above = -1;
    for (let y = 0; y < rows; y++) {
      if (truth[y * columns + x]) above = y;
      inColumn[y * columns + x] = above;
    }
    let below = -1;
    for (let y = rows - 1; y >= 0; y--) {
      if (truth[y * columns + x]) below = y;
      const up = inColumn[y * columns + x];
      if (below >= 0 && (up < 0 || below - y < y - up)) inColumn[y * columns + x] = below;
    }
  }
  const nearest = new Int32Array(truth.length).fill(-1);
  const squared = new Float64Array(truth.length).fill(Infinity);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at = y * columns + x;
      const consider = (column: number): void => {
        if (column < 0 || column >= columns) return;
        const row = inColumn[y * columns + column];
        if (row < 0) return;
        const d = (row - y) ** 2 + (column - x) ** 2;
        if (d < squared[at] || (d === squared[at] && column < nearest[at] % columns)) {
          squared[at] = d;
          nearest[at] = row * columns + column;
        }
      };
      for (let k = 0; k < columns && k * k <= squared[at]; k++) {
        consider(x - k);
        consider(x + k);
      }
    }
  }
  return { nearest, squared };
}

function gaussian7(values: Float64Array, [rows, columns]: readonly [number, number], border: WeightedFBorder): Float64Array {
  const side = Array.from({ length: 7 }, (_, k) => Math.exp(-((k - 3) ** 2) / 50));
  const total = side.reduce((sum, weight) => sum + weight, 0);
  const kernel = side.map((weight) => weight / total);
  const pass = (from: Float64Array, stride: number, size: number): Float64Array =>
    from.map((_, i) => {
      const at = Math.floor(i / stride) % size;
      let sum = 0;
      for (let k = -3; k <= 3; k++) {
        const to = Math.min(size - 1, Math.max(0, at + k));
        if (to === at + k || border === "replicate") sum += kernel[k + 3] * from[i + (to - at) * stride];
      }
      return sum;
    });
  return pass(pass(values, 1, columns), columns, rows);
}
