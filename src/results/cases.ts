import type { ResultRecord } from "./record.js";

export type CaseRow = Readonly<Record<string, string | number | null>>;

/**
 * Rows of a record's case table as objects, those that equal `where`.
 * @example caseRows(record, { machine: "fan", domain: "source" }) // [{ case: "…0001", score: 1.3, label: 0, … }, …]
 */
export function caseRows(record: ResultRecord, where: CaseRow = {}): CaseRow[] {
  const { columns } = record.cases;
  return rowsWhere(record, where).map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null])));
}

function rowsWhere({ cases: { columns, rows } }: ResultRecord, where: CaseRow): ResultRecord["cases"]["rows"] {
  const wanted = Object.entries(where).map(([key, value]) => [columns.indexOf(key), value] as const);
  return rows.filter((row) => wanted.every(([column, value]) => column >= 0 && row[column] === value));
}

/** Detection cases as records of every detection method keep them: columns `case`, `score`, `label` (1 anomalous), `threshold`. */
export interface ScoredCases {
  readonly cases: readonly string[];
  readonly scores: readonly number[];
  readonly labels: readonly number[];
  /** The operating threshold, when all rows share one. */
  readonly threshold?: number;
}

/** Scores and labels of the rows that have both. */
export function scoredCases(record: ResultRecord, where: CaseRow = {}): ScoredCases {
  const [name, score, label, limit] = ["case", "score", "label", "threshold"].map((column) => record.cases.columns.indexOf(column));
  const rows = rowsWhere(record, where).filter((row) => typeof row[score] === "number" && typeof row[label] === "number");
  const thresholds = new Set(rows.map((row) => row[limit]));
  const [threshold] = thresholds;
  return {
    cases: rows.map((row, i) => String(row[name] ?? i)),
    scores: rows.map((row) => row[score] as number),
    labels: rows.map((row) => row[label] as number),
    ...(thresholds.size === 1 && typeof threshold === "number" && { threshold }),
  };
}
