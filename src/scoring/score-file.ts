import { BadFile } from "../core/index.js";
import { readCsv } from "../io/index.js";

/** Which columns of a CSV file mean what. */
export interface ScoreColumns {
  readonly score: string;
  readonly label: string;
  /** Case names; when not given, a column called `case`, `id`, `file`, `file_name` or `filename`, else the line number. */
  readonly case?: string;
  readonly groups?: readonly string[];
  /** Further columns to keep where they are present. */
  readonly optional?: readonly string[];
  readonly cluster?: string;
  /** The label text that means positive; when not given, 1, true (and 0, false for negative) are understood. */
  readonly positive?: string;
}

/** A file of scores, checked. */
export interface ScoreFile {
  readonly file: string;
  readonly cases: readonly string[];
  /** Whether `cases` come from a column, so that two files can be matched by them. */
  readonly named: boolean;
  readonly scores: Float64Array;
  readonly labels: Uint8Array;
  readonly clusters: readonly string[] | null;
  /** By column name. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads scores and labels from a CSV file with a header line.
 * @throws BadFile `missing-column`, `bad-score`, `bad-label`, `duplicate-case`, `one-class-only`, naming file, line and remedy
 */
export async function readScoreFile(file: string, columns: ScoreColumns): Promise<ScoreFile> {
  const { columns: present, rows } = await readCsv(file);
  const groupColumns = columns.groups ?? [];
  for (const column of [
    columns.score,
    columns.label,
    ...groupColumns,
    ...[columns.case, columns.cluster].filter((c) => c !== undefined),
  ]) {
    if (present.includes(column)) continue;
    const problem = `has no column ${JSON.stringify(column)}, but ${present.map((name) => JSON.stringify(name)).join(", ")}`;
    throw new BadFile("missing-column", file, problem, "Name the right column, e.g. --score COLUMN --label COLUMN.");
  }
  if (rows.length === 0) throw new BadFile("empty", file, "has a header but no rows", "Check that the scores were written.");
  const scores = Float64Array.from(rows, (row, index) => numberAt(file, columns.score, row[columns.score], index));
  const labels = Uint8Array.from(rows, (row, index) => labelAt(file, columns, row[columns.label], index));
  if (labels.every((label) => label === labels[0])) {
    const problem = `has one class only: every value of ${JSON.stringify(columns.label)} is ${JSON.stringify(rows[0][columns.label])}`;
    throw new BadFile("one-class-only", file, problem, "Ranking metrics need positive and negative cases.");
  }
  const caseColumn = columns.case ?? ["case", "id", "file", "file_name", "filename"].find((name) => present.includes(name));
  const cases = rows.map((row, index) => (caseColumn === undefined ? `line ${index + 2}` : row[caseColumn]));
  if (caseColumn !== undefined) refuseDuplicates(file, caseColumn, cases);
  const kept = [...groupColumns, ...(columns.optional ?? []).filter((column) => present.includes(column))];
  return {
    file,
    cases,
    named: caseColumn !== undefined,
    scores,
    labels,
    clusters: columns.cluster === undefined ? null : rows.map((row) => row[columns.cluster ?? ""]),
    groups: Object.fromEntries(kept.map((column) => [column, rows.map((row) => row[column])])),
  };
}

/** The scores of `other` in the order of `base`, matched by case name, or by position where there are no names. */
export function alignScores(base: ScoreFile, other: ScoreFile): Float64Array {
  const remedy = "Compare files with the same cases.";
  if (base.cases.length !== other.cases.length) {
    const problem = `has ${other.cases.length} cases, ${base.file} has ${base.cases.length}`;
    throw new BadFile("case-mismatch", other.file, problem, remedy);
  }
  const at = base.named && other.named ? new Map(other.cases.map((name, index) => [name, index])) : null;
  return Float64Array.from(base.cases, (name, index) => {
    const match = at ? at.get(name) : index;
    if (match === undefined) throw new BadFile("case-mismatch", other.file, `lacks the case ${JSON.stringify(name)}`, remedy);
    if (other.labels[match] !== base.labels[index]) {
      const problem = `labels the case ${JSON.stringify(name)} ${other.labels[match]}, ${base.file} says ${base.labels[index]}`;
      throw new BadFile("label-mismatch", other.file, problem, remedy);
    }
    return other.scores[match];
  });
}

function numberAt(file: string, column: string, text: string, index: number): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (Number.isFinite(value)) return value;
  const problem = `line ${index + 2}, column ${JSON.stringify(column)}: ${JSON.stringify(text)} is not a finite number`;
  throw new BadFile("bad-score", file, problem, "Repair the score or leave the case out.");
}

function labelAt(file: string, { label: column, positive }: ScoreColumns, text: string, index: number): 0 | 1 {
  const value = text.trim();
  if (value !== "" && positive !== undefined) return value === positive ? 1 : 0;
  if (/^(1(\.0*)?|true)$/i.test(value)) return 1;
  if (/^(0(\.0*)?|false)$/i.test(value)) return 0;
  const problem = `line ${index + 2}, column ${JSON.stringify(column)}: ${JSON.stringify(text)} is not 0 or 1`;
  throw new BadFile("bad-label", file, problem, "Write labels as 0 and 1, or say which is positive with --positive TEXT.");
}

function refuseDuplicates(file: string, column: string, cases: readonly string[]): void {
  const seen = new Map<string, number>();
  cases.forEach((name, index) => {
    const before = seen.get(name);
    if (before !== undefined) {
      const problem = `lines ${before + 2} and ${index + 2} have the same ${JSON.stringify(column)} ${JSON.stringify(name)}`;
      throw new BadFile("duplicate-case", file, problem, "Give every case one line, or name another column with --case.");
    }
    seen.set(name, index);
  });
}
