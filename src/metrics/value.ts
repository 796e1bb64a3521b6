import type { CaseScore, Exclusion, MetricValue } from "../core/index.js";

/** A score, as a case gives it. */
export const score = (value: number): CaseScore => ({ score: value });

/** The case says nothing about this metric, for this reason. */
export const excluded = (reason: string): CaseScore => ({ excluded: reason });

/** A metric that has a value. */
export function metricValue(
  id: string,
  convention: string,
  value: number,
  n: number,
  exclusions: readonly Exclusion[] = [],
): MetricValue {
  return { id, convention, value, n, excluded: exclusions };
}

/** A metric that is not defined on these data; `*` means every case. */
export function undefinedMetric(id: string, convention: string, reason: string): MetricValue {
  return { id, convention, value: null, n: 0, excluded: [{ case: "*", reason }] };
}

/** A case and what it scored. */
export interface NamedScore {
  readonly case: string;
  readonly score: CaseScore;
}

/**
 * The mean over the cases that have a score, with the others listed by reason.
 * @example meanOverCases("dice", "skip", [{ case: "a", score: { score: 0.8 } }, { case: "b", score: { excluded: "both-empty" } }])
 * // { id: "dice", convention: "skip", value: 0.8, n: 1, excluded: [{ case: "b", reason: "both-empty" }] }
 */
export function meanOverCases(id: string, convention: string, cases: Iterable<NamedScore>): MetricValue {
  let sum = 0;
  let n = 0;
  const exclusions: Exclusion[] = [];
  for (const { case: name, score: result } of cases) {
    if ("excluded" in result) {
      exclusions.push({ case: name, reason: result.excluded });
    } else {
      sum += result.score;
      n++;
    }
  }
  return { id, convention, value: n === 0 ? null : sum / n, n, excluded: exclusions };
}
