/** What every metric returns: the number, and everything a reader needs to trust it. */
export interface MetricValue {
  /** Stable identifier: `auc`, `pauc`, `dice`, `hd95` … */
  readonly id: string;
  /** The named convention the value follows: `ties-half`, `mcclish`, `directed-max` … */
  readonly convention: string;
  /** NaN never stands for a value; it is null where the metric is undefined, and `excluded` says why. */
  readonly value: number | null;
  /** Cases that entered the value. */
  readonly n: number;
  readonly excluded: readonly Exclusion[];
  readonly interval?: Interval;
  /** Which part of the data: `{ machine: "fan", domain: "source" }`. */
  readonly group?: Readonly<Record<string, string>>;
}

export interface Exclusion {
  readonly case: string;
  /** Kebab-case: `both-empty`, `one-class-only`, `missing-prediction` … */
  readonly reason: string;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Coverage, 0.95 unless asked otherwise. */
  readonly level: number;
  /** `bootstrap-percentile`, `bootstrap-bca`, `delong`, `student-t-over-seeds` … */
  readonly method: string;
  readonly resamples?: number;
  /** Resamples on which the metric was undefined, left out and counted. */
  readonly degenerate?: number;
  readonly seed?: number;
  /** What was resampled: `case`, `patient` … */
  readonly cluster?: string;
}

/** A per-case score, or the reason why the case says nothing. */
export type CaseScore = { readonly score: number } | { readonly excluded: string };
