import { ShapeMismatch, type CaseScore } from "../../core/index.js";
import { score } from "../value.js";
import type { Mask } from "../segmentation/mask.js";

/**
 * `matlab`: the authors' code and PySODMetrics (sample deviation; the centroid's row and column belong to the upper
 * left block). `prs-med`: the evaluation code of PRS-Med (population deviation; they belong to the lower right block).
 */
export type StructureConvention = "matlab" | "prs-med";

/**
 * Structure measure S = ½·S_object + ½·S_region, floored at 0, of a soft prediction against a mask.
 *
 * An empty truth scores 1 − mean(prediction), a full one mean(prediction).
 *
 * @param prediction values in [0, 1]
 * @param shape rows × columns
 * @throws ShapeMismatch
 * @see Fan et al., ICCV 2017
 */
export function structureMeasure(
  prediction: ArrayLike<number>,
  truth: Mask,
  [rows, columns]: readonly [number, number],
  { convention = "matlab" }: { convention?: StructureConvention } = {},
): CaseScore {
  const n = rows * columns;
  for (const { length } of [prediction, truth]) if (length !== n) throw new ShapeMismatch("image", [rows, columns], [length]);
  const whole = regionOf(prediction, truth, columns, [0, rows], [0, columns]);
  const share = whole.meanTruth;
  if (share === 0) return score(1 - whole.meanPrediction);
  if (share === 1) return score(whole.meanPrediction);
  const object = (value: (i: number) => number, foreground: boolean): number => {
    const values: number[] = [];
    for (let i = 0; i < n; i++) if (Boolean(truth[i]) === foreground) values.push(value(i));
    return objectSimilarity(values, convention);
  };
  const objects = share * object((i) => prediction[i], true) + (1 - share) * object((i) => 1 - prediction[i], false);
  const extra = convention === "matlab" ? 1 : 0;
  const [cy, cx] = centroid(truth, columns, n).map((at) => at + extra);
  let regions = 0;
  for (const y of [
    [0, cy],
    [cy, rows],
  ] as const) {
    for (const x of [
      [0, cx],
      [cx, columns],
    ] as const) {
      const area = (y[1] - y[0]) * (x[1] - x[0]);
      if (area > 0) regions += (area / n) * regionSimilarity(regionOf(prediction, truth, columns, y, x));
    }
  }
  return score(Math.max(0, (objects + regions) / 2));
}

function objectSimilarity(values: readonly number[], convention: StructureConvention): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const degrees = convention === "matlab" ? values.length - 1 : values.length;
  const deviation = degrees > 0 ? Math.sqrt(squares / degrees) : 0;
  return (2 * mean) / (mean * mean + 1 + deviation + Number.EPSILON);
}

function centroid(truth: Mask, columns: number, n: number): [number, number] {
  let [y, x, count] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    if (!truth[i]) continue;
    y += Math.floor(i / columns);
    x += i % columns;
    count++;
  }
  return [halfEven(y / count), halfEven(x / count)];
}

// NumPy rounds halves to even.
const halfEven = (x: number): number => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

interface Region {
  readonly n: number;
  readonly meanPrediction: number;
  readonly meanTruth: number;
  readonly varianceSum: number;
  readonly truthVarianceSum: number;
  readonly covarianceSum: number;
}

function regionOf(
  prediction: ArrayLike<number>,
  truth: Mask,
  columns: number,
  y: readonly [number, number],
  x: readonly [number, number],
): Region {
  const n = (y[1] - y[0]) * (x[1] - x[0]);
  const each = (visit: (p: number, t: number) => void): void => {
    for (let r = y[0]; r < y[1]; r++)
      for (let c = x[0]; c < x[1]; c++) visit(prediction[r * columns + c], truth[r * columns + c] ? 1 : 0);
  };
  let [sumP, sumT] = [0, 0];
  each((p, t) => {
    sumP += p;
    sumT += t;
  });
  const [meanPrediction, meanTruth] = [sumP / n, sumT / n];
  let [varianceSum, truthVarianceSum, covarianceSum] = [0, 0, 0];
  each((p, t) => {
    varianceSum += (p - meanPrediction) ** 2;
    truthVarianceSum += (t - meanTruth) ** 2;
    covarianceSum += (p - meanPrediction) * (t - meanTruth);
  });
  return { n, meanPrediction, meanTruth, varianceSum, truthVarianceSum, covarianceSum };
}

function regionSimilarity({ n, meanPrediction: x, meanTruth: y, varianceSum, truthVarianceSum, covarianceSum }: Region): number {
  const degrees = n - 1 + Number.EPSILON;
  const top = (4 * x * y * covarianceSum) / degrees;
  const bottom = ((x * x + y * y) * (varianceSum + truthVarianceSum)) / degrees;
  if (top !== 0) return top / (bottom + Number.EPSILON);
  return bottom === 0 ? 1 : 0;
}
