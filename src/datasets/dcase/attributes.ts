import { BadFile } from "../../core/index.js";
import type { CsvTable } from "../../io/index.js";

/**
 * How the `d1p, d1v, d2p, d2v, …` columns of DCASE's own CSV (parameter name, value) become numbers.
 * * `paired` (default): one number a pair, the value; the name is the attribute's name. Our choice.
 * * `as-published`: every column is an attribute, so the constant name columns become numbers too. The original code.
 */
export type AttributeColumns = "paired" | "as-published";

/** The attributes of one machine, looked up by file stem. */
export interface MachineAttributes {
  /** Names of the attributes, in the order of {@link MachineAttributes.vectors}. */
  readonly names: readonly string[];
  readonly values: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly vectors: ReadonlyMap<string, readonly number[]>;
}

/**
 * Attributes of a machine from its `attributes_NN.csv` (ASTRA spec §2.3). The file column is `file_name` or `filename`
 * and may hold a path; clips are matched by stem, so a CSV that lists `.wav` also finds `.png` (spec §8, pitfall 3).
 *
 * Encoding over all rows: a column with any text gets codes by lexicographic order of its distinct values, a purely
 * numeric one stays as it is, and a missing value is −1 in both.
 *
 * @param name what errors call the file
 * @throws BadFile `bad-header` without a file column or without attributes, `duplicate-row` when a clip is listed twice
 */
export function machineAttributes(table: CsvTable, name: string, columns: AttributeColumns = "paired"): MachineAttributes {
  const fileColumn = table.columns.find((column) => column === "file_name" || column === "filename");
  if (fileColumn === undefined) {
    throw new BadFile(
      "bad-header",
      name,
      `has no column file_name or filename (it has ${table.columns.join(", ")})`,
      "Name the column of clips file_name.",
    );
  }
  const others = table.columns.filter((column) => column !== fileColumn);
  const pairs =
    columns === "paired"
      ? others.filter((column) => /^d\d+v$/.test(column) && others.includes(column.replace("v", "p")))
      : [];
  const encoded =
    pairs.length > 0 ? others.filter((column) => !pairs.some((value) => column === value.replace("v", "p"))) : others;
  if (encoded.length === 0)
    throw new BadFile("bad-header", name, "has no attribute column", "Delete the file if there are no attributes.");
  const codes = encoded.map((column) => encodeColumn(table.rows.map((row) => row[column])));
  const values = new Map<string, Record<string, string>>();
  const vectors = new Map<string, readonly number[]>();
  table.rows.forEach((row, i) => {
    const stem = stemOf(row[fileColumn]);
    if (values.has(stem)) throw new BadFile("duplicate-row", name, `lists ${stem} twice`, "Keep one of the two rows.");
    const named = encoded.map((column): [string, string] => [
      pairs.includes(column) ? row[column.replace("v", "p")] : column,
      row[column],
    ]);
    values.set(stem, Object.fromEntries(named.filter(([attribute, value]) => !isMissing(attribute) && !isMissing(value))));
    vectors.set(
      stem,
      codes.map((column) => column[i]),
    );
  });
  return { names: encoded.map((column) => pairName(column, pairs, table)), values, vectors };
}

/** The name column of a pair, where one name stands in it throughout. */
function pairName(column: string, pairs: readonly string[], { rows }: CsvTable): string {
  if (!pairs.includes(column)) return column;
  const names = new Set(rows.map((row) => row[column.replace("v", "p")]).filter((value) => !isMissing(value)));
  const [only] = names;
  return names.size === 1 ? only : column;
}

/**
 * One column as numbers.
 * @example encodeColumn(["W", "X", "", "A10", "A9"]) // [2, 3, −1, 0, 1]
 * @example encodeColumn(["12", "", "0.5"])           // [12, −1, 0.5]
 */
export function encodeColumn(values: readonly string[]): number[] {
  const known = values.filter((value) => !isMissing(value));
  if (known.every((value) => Number.isFinite(Number(value))))
    return values.map((value) => (isMissing(value) ? -1 : Number(value)));
  const order = [...new Set(known)].sort();
  return values.map((value) => (isMissing(value) ? -1 : order.indexOf(value)));
}

/** File name without folders and without its last extension. */
export function stemOf(path: string): string {
  const base = path.replaceAll("\\", "/").split("/").at(-1) ?? "";
  return base.replace(/\.[^.]*$/, "");
}

/** What pandas.read_csv takes for "no value". */
const missing = new Set(["", "#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", "-nan", "-NaN"]);

const isMissing = (value: string): boolean => missing.has(value.trim());
