import { InvalidValue, type MetricValue } from "../../core/index.js";
import { requireSameLength, type Mask } from "../segmentation/mask.js";
import { metricValue } from "../value.js";

/** One value for each of the 256 thresholds, from 255 (only full white is foreground) down to 0 (everything is). */
export interface SweepCurves {
  readonly dice: Float64Array;
  readonly iou: Float64Array;
  readonly sensitivity: Float64Array;
  readonly specificity: Float64Array;
  /** Enhanced-alignment measure. */
  readonly alignment: Float64Array;
}

/**
 * Dice, IoU, sensitivity, specificity and E-measure of a grey-level prediction at every byte threshold (byte ≥ 255 − j).
 *
 * Convention `prs-med`: where prediction and truth share no pixel, Dice, IoU, sensitivity and specificity are all 0,
 * also for an empty truth; the E-measure of an empty (full) truth is the share of background (foreground).
 * One histogram of each class gives all thresholds, so the cost does not depend on their number.
 *
 * @param prediction bytes
 * @param truth mask of the same length
 * @throws ShapeMismatch; InvalidValue for a value that is no byte
 * @see Fan et al., IJCAI 2018 (E-measure); the PraNet evaluation code, whose protocol PRS-Med follows
 */
export function thresholdSweep(prediction: ArrayLike<number>, truth: Mask): SweepCurves {
  requireSameLength(prediction, truth);
  const inside = new Float64Array(256);
  const outside = new Float64Array(256);
  for (let i = 0; i < prediction.length; i++) {
    const byte = prediction[i];
    if (!(byte >= 0 && byte <= 255 && Number.isInteger(byte)))
      throw new InvalidValue(`prediction[${i}]`, "a byte is needed", byte);
    (truth[i] ? inside : outside)[byte]++;
  }
  const n = prediction.length;
  const positives = inside.reduce((sum, count) => sum + count, 0);
  const curve = (): Float64Array => new Float64Array(256);
  const curves = { dice: curve(), iou: curve(), sensitivity: curve(), specificity: curve(), alignment: curve() };
  let tp = 0;
  let fp = 0;
  for (let j = 0; j < 256; j++) {
    tp += inside[255 - j];
    fp += outside[255 - j];
    curves.alignment[j] = alignment(tp, fp, positives, n);
    if (tp === 0) continue;
    curves.dice[j] = (2 * tp) / (positives + tp + fp);
    curves.iou[j] = tp / (positives + fp);
    curves.sensitivity[j] = tp / positives;
    curves.specificity[j] = n === positives ? 0 : (n - positives - fp) / (n - positives);
  }
  return curves;
}

function alignment(tp: number, fp: number, positives: number, n: number): number {
  if (positives === 0) return (n - fp) / (n - 1 + Number.EPSILON);
  if (positives === n) return tp / (n - 1 + Number.EPSILON);
  const [meanP, meanG] = [(tp + fp) / n, positives / n];
  const cell = (p: number, g: number): number => {
    const [a, b] = [p - meanP, g - meanG];
    return ((2 * a * b) / (a * a + b * b + Number.EPSILON) + 1) ** 2 / 4;
  };
  const tn = n - positives - fp;
  return (tp * cell(1, 1) + fp * cell(1, 0) + (positives - tp) * cell(0, 1) + tn * cell(0, 0)) / (n - 1 + Number.EPSILON);
}

/**
 * The mean and the maximum over thresholds of the curves averaged over images: `mean_dice`, `max_dice`, `mean_iou`,
 * `max_iou`, `mean_sensitivity` … A perfect binary prediction has a mean Dice below 1, because threshold 0 selects everything.
 * @example sweepMetrics([thresholdSweep([255, 0], [1, 0])]) // mean_dice (255·1 + 2/3) / 256
 */
export function sweepMetrics(images: readonly SweepCurves[]): MetricValue[] {
  if (images.length === 0) throw new InvalidValue("sweepMetrics", "at least one image is needed", images.length);
  return (["dice", "iou", "sensitivity", "specificity", "alignment"] as const).flatMap((name) => {
    const curve = Float64Array.from(
      { length: 256 },
      (_, j) => images.reduce((sum, image) => sum + image[name][j], 0) / images.length,
    );
    const mean = curve.reduce((sum, value) => sum + value, 0) / 256;
    const convention = "256-thresholds, mean-over-images-first";
    return [
      metricValue(`mean_${name}`, convention, mean, images.length),
      metricValue(`max_${name}`, convention, Math.max(...curve), images.length),
    ];
  });
}
