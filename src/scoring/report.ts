import type { MetricValue } from "../core/index.js";
import type { Comparison } from "../stats/index.js";

/** What `folio score` found: the whole answer, ready for JSON, a table or a result record. */
export interface ScoreReport {
  readonly metrics: readonly MetricValue[];
  /** One record a case: its name and what was computed for it. */
  readonly cases: readonly Readonly<Record<string, unknown>>[];
  /** Paired comparisons with the other methods; null when none was asked for. */
  readonly comparison: readonly GroupedComparison[] | null;
  /** With a comparison: every method with its metrics and cases, the first being `metrics` and `cases`. */
  readonly methods?: readonly ScoredMethod[];
}

export interface ScoredMethod extends Pick<ScoreReport, "metrics" | "cases"> {
  readonly name: string;
}

export interface GroupedComparison extends Comparison {
  /** Set where the report has several conventions of the metric. */
  readonly convention?: string;
  readonly group?: Readonly<Record<string, string>>;
}

/** Metrics of which a smaller value is the better one. */
const lowerIsBetter = new Set([
  "hd",
  "hd95",
  "assd",
  "masd",
  "volume_difference",
  "relative_volume_difference",
  "ged",
  "ece",
  "brier",
  "nmse",
  "mse",
  "mae",
]);

export const betterDirection = (id: string): "higher" | "lower" =>
  lowerIsBetter.has(id.replace(/@.*$/, "")) ? "lower" : "higher";

/** `machine=fan, domain=source`; "all" for the whole. */
export function groupName(group: Readonly<Record<string, string>> | undefined): string {
  if (!group) return "all";
  return Object.entries(group)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}

/** What tells a metric from the others of a report: its id, with the convention where one id comes with several. */
export function columnNames(
  metrics: readonly MetricValue[],
): (metric: { readonly id: string; readonly convention?: string }) => string {
  const conventions = new Map<string, Set<string>>();
  for (const { id, convention } of metrics) conventions.set(id, (conventions.get(id) ?? new Set()).add(convention));
  return ({ id, convention }) => ((conventions.get(id)?.size ?? 0) > 1 ? `${id} (${convention})` : id);
}
