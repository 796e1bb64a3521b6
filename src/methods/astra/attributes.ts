/** One clip's attributes by column; undefined or empty where the table says nothing. */
export type AttributeRow = Readonly<Record<string, string | undefined>>;

/** Turns a machine's attribute table into numbers (spec §2.3). */
export interface AttributeCodec {
  readonly columns: readonly AttributeColumn[];
}

export type AttributeColumn =
  | { readonly name: string; readonly kind: "number"; readonly mean: number; readonly deviation: number }
  /** Values in code-unit order; a value's code is its place, −1 where missing. */
  | { readonly name: string; readonly kind: "codes"; readonly values: readonly string[] };

/**
 * Learns the columns of one machine's table: a column whose every present value is a number stays numeric, any other
 * gets whole-number codes in the order of its distinct values ("A10" before "A9"), −1 for missing.
 *
 * @param columns in the table's order
 * @example fitAttributeCodec(["loc"], [{ loc: "W" }, { loc: "X" }, {}, { loc: "A10" }, { loc: "A9" }]) // codes 2, 3, −1, 0, 1
 */
export function fitAttributeCodec(columns: readonly string[], rows: readonly AttributeRow[]): AttributeCodec {
  return {
    columns: columns.map((name) => {
      const present = rows.map((row) => row[name]).filter(isPresent);
      if (present.length > 0 && present.every((value) => Number.isFinite(Number(value)))) return numeric(name, present.map(Number));
      return { name, kind: "codes", values: [...new Set(present)].sort(byCodeUnits) };
    }),
  };
}

/**
 * One clip's vector, [width], zeros beyond the machine's own columns.
 * @param scale `standardised` puts numeric columns and codes' places on one footing: numbers by their mean and deviation; a missing number is 0
 */
export function encodeAttributes(codec: AttributeCodec, row: AttributeRow, width: number, scale: "raw" | "standardised"): Float32Array {
  const vector = new Float32Array(width);
  codec.columns.slice(0, width).forEach((column, i) => {
    const value = row[column.name];
    if (column.kind === "codes") vector[i] = isPresent(value) ? column.values.indexOf(value) : -1;
    else if (isPresent(value)) vector[i] = scale === "raw" ? Number(value) : (Number(value) - column.mean) / column.deviation;
  });
  return vector;
}

function numeric(name: string, values: readonly number[]): AttributeColumn {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { name, kind: "number", mean, deviation: deviation > 0 ? deviation : 1 };
}

const isPresent = (value: string | undefined): value is string => value !== undefined && value !== "";
const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
