import type { CaseScore } from "../../core/index.js";
import { excluded, score } from "../value.js";
import type { Grid } from "./mask.js";

/**
 * What a distance says when a mask is empty. Libraries give NaN, infinity, an error, 0, the image diagonal or a
 * constant of their challenge, so it must be said.
 */
export interface DistanceOptions {
  /** Both empty: `skip` (default; reason `both-empty`) or `zero`. */
  readonly whenBothEmpty?: "skip" | "zero";
  /**
   * One empty: `skip` (default; reason `prediction-empty` or `truth-empty`), `diagonal` for the length of the image's
   * diagonal in mm, or a number of mm. Skipping flatters a method that predicts nothing: look at the excluded count.
   */
  readonly whenOneEmpty?: "skip" | "diagonal" | number;
}

/** The score that the policy gives for an empty mask, or null when neither is empty. */
export function emptyDistance(
  { predictionEmpty, truthEmpty }: { readonly predictionEmpty: boolean; readonly truthEmpty: boolean },
  { whenBothEmpty = "skip", whenOneEmpty = "skip" }: DistanceOptions,
  grid: Grid | null,
): CaseScore | null {
  if (predictionEmpty && truthEmpty) return whenBothEmpty === "zero" ? score(0) : excluded("both-empty");
  if (!predictionEmpty && !truthEmpty) return null;
  if (typeof whenOneEmpty === "number") return score(whenOneEmpty);
  if (whenOneEmpty === "diagonal" && grid)
    return score(Math.hypot(...grid.shape.map((size, axis) => size * grid.spacingMm[axis])));
  return excluded(predictionEmpty ? "prediction-empty" : "truth-empty");
}
