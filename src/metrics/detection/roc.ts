import { descend, isOneClassOnly, rankScores, type Labels, type Scores } from "./ranked.js";

/** The ROC curve as parallel arrays from (0, 0) to (1, 1); a case is called positive when its score ≥ the threshold. */
export interface RocCurve {
  readonly falsePositiveRate: Float64Array;
  readonly truePositiveRate: Float64Array;
  /** +Infinity at the first point: nothing is called positive. */
  readonly thresholds: Float64Array;
}

/**
 * The receiver operating characteristic, one point for each distinct score.
 *
 * @param options.points `all` (default), or `corners` to leave out points on a straight line between their
 *   neighbours, as scikit-learn's `drop_intermediate`; the area is the same
 * @returns the curve, or null with one class only
 * @throws ShapeMismatch, InvalidValue
 * @example rocCurve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
 * // falsePositiveRate [0, 0, 0.5, 0.5, 1], truePositiveRate [0, 0.5, 0.5, 1, 1], thresholds [∞, 0.8, 0.4, 0.35, 0.1]
 */
export function rocCurve(
  scores: Scores,
  labels: Labels,
  { points = "all" }: { points?: "all" | "corners" } = {},
): RocCurve | null {
  const ranked = rankScores(scores, labels);
  if (isOneClassOnly(ranked)) return null;
  const tps = [0];
  const fps = [0];
  const thresholds = [Infinity];
  descend(ranked, (tp, fp, score) => {
    const last = tps.length - 1;
    if (points === "corners" && last >= 1 && onOneLine(tps, fps, tp, fp)) {
      tps[last] = tp;
      fps[last] = fp;
      thresholds[last] = score;
    } else {
      tps.push(tp);
      fps.push(fp);
      thresholds.push(score);
    }
  });
  return {
    falsePositiveRate: Float64Array.from(fps, (fp) => fp / ranked.negatives.length),
    truePositiveRate: Float64Array.from(tps, (tp) => tp / ranked.positives.length),
    thresholds: Float64Array.from(thresholds),
  };
}

function onOneLine(tps: readonly number[], fps: readonly number[], tp: number, fp: number): boolean {
  const last = tps.length - 1;
  return (tps[last] - tps[last - 1]) * (fp - fps[last]) === (tp - tps[last]) * (fps[last] - fps[last - 1]);
}
