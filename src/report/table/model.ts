import type { Exclusion, Interval } from "../../core/index.js";

/** A table before it is drawn; HTML, LaTeX, CSV and Markdown are made from it. */
export interface TableModel {
  readonly id: string;
  readonly caption: string;
  /** Header rows, from the top; spans add up to the same width. */
  readonly head: readonly (readonly HeadCell[])[];
  /** How many columns at the left name the row. */
  readonly rowHeads: number;
  readonly rows: readonly TableRow[];
  readonly notes: readonly string[];
  readonly generated: boolean;
}

export interface HeadCell {
  readonly text: string;
  readonly span: number;
  /** "↑" where more is better, "↓" where less is. */
  readonly arrow?: "↑" | "↓";
}

export interface TableRow {
  readonly heads: readonly string[];
  readonly cells: readonly Cell[];
  /** The last rows, over all groups, are set apart by a rule. */
  readonly summary: boolean;
}

export type Cell = NumberCell | { readonly kind: "unpublished" } | { readonly kind: "missing"; readonly what: string };

export interface NumberCell {
  readonly kind: "number";
  /** Null where the metric is undefined on every case; `excluded` says why. */
  readonly value: number | null;
  readonly decimals: number;
  readonly deviation?: number;
  /** What the deviation is over; seeds unless said. */
  readonly over?: "seeds" | "folds";
  /** Over test cases; beside a deviation, that of a typical run. */
  readonly interval?: Interval;
  readonly n: number;
  readonly seeds: number;
  readonly excluded: readonly Exclusion[];
  readonly generated: boolean;
  readonly emphasis?: "best" | "second";
  /** Ids of the records the number was read from. */
  readonly records: readonly string[];
  /** Footnote marks: a, b … */
  readonly marks: readonly string[];
  readonly source?: string;
}
