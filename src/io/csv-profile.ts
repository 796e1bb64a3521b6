import type { CsvTable } from "./csv.js";
import { statistics } from "./statistics.js";

export interface ColumnProfile {
  readonly name: string;
  /** What every value that is there can be read as; `empty` when none is there. */
  readonly type: "integer" | "number" | "boolean" | "text" | "empty";
  readonly missing: number;
  readonly distinct: number;
  /** Of numbers: finite ones only. */
  readonly min?: number | null;
  readonly max?: number | null;
  readonly mean?: number | null;
}

/**
 * What each column of a table holds.
 * @example profile(table)[0] // { name: "score", type: "number", missing: 0, distinct: 160, min: 0.1, … }
 */
export function profile({ columns, rows }: CsvTable): ColumnProfile[] {
  return columns.map((name) => {
    const values = rows.map((row) => row[name]).filter((value) => value.trim() !== "");
    const type = typeOf(values);
    const counts = { name, type, missing: rows.length - values.length, distinct: new Set(values).size };
    if (type !== "integer" && type !== "number") return counts;
    const { min, max, mean } = statistics(Float64Array.from(values, numberFrom));
    return { ...counts, min, max, mean };
  });
}

const patterns: readonly ["boolean" | "integer" | "number", RegExp][] = [
  ["boolean", /^\s*(true|false)\s*$/i],
  ["integer", /^\s*[+-]?\d+\s*$/],
  ["number", /^\s*([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|nan|[+-]?inf(inity)?)\s*$/i],
];

function typeOf(values: readonly string[]): ColumnProfile["type"] {
  if (values.length === 0) return "empty";
  return patterns.find(([, pattern]) => values.every((value) => pattern.test(value)))?.[0] ?? "text";
}

function numberFrom(text: string): number {
  const number = Number(text);
  return Number.isNaN(number) && /inf/i.test(text) ? Infinity : number;
}
