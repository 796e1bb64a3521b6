import { CsvError, parse } from "csv-parse/sync";
import { BadFile, InvalidValue, writeFileAtomic } from "../core/index.js";
import { readBytes, type ReadLimits } from "./bytes.js";

export interface CsvTable {
  readonly columns: string[];
  /** One record a row, by column name; every value is text, exactly as in the file. */
  readonly rows: Record<string, string>[];
}

export interface CsvOptions extends ReadLimits {
  /** What stands between two values; "," unless given. */
  readonly delimiter?: string;
}

/**
 * Reads a CSV file with a header line: UTF-8 with or without BOM, any line ending, quoted values
 * with commas, quotes and newlines. Blank lines are skipped.
 * @throws BadFile `not-found`, `bad-encoding`, `empty`, `duplicate-column`, `ragged-row` (naming the line), `bad-quotes`
 * @example (await readCsv("attributes_00.csv")).rows[0].file_name // "fan/train/section_00_source_train_normal_0000.wav"
 * @see RFC 4180
 */
export async function readCsv(path: string, options: CsvOptions = {}): Promise<CsvTable> {
  return parseCsv(await readBytes(path, options), path, options);
}

/** {@link readCsv} on text or UTF-8 bytes; `name` is what errors call the file. */
export function parseCsv(content: string | Uint8Array, name = "CSV data", { delimiter = "," }: CsvOptions = {}): CsvTable {
  const text = typeof content === "string" ? content.replace(/^\uFEFF/, "") : decode(content, name);
  const records = parseRecords(text, name, delimiter);
  if (records.length === 0) throw new BadFile("empty", name, "has no header line", "Check that the right file was written.");
  const columns = records[0].record;
  const repeated = columns.find((column, index) => columns.indexOf(column) !== index);
  if (repeated !== undefined)
    throw new BadFile("duplicate-column", name, `has two columns named ${JSON.stringify(repeated)}`, "Rename one of them.");
  const rows = records.slice(1).map(({ record, info }) => {
    if (record.length !== columns.length) {
      throw new BadFile(
        "ragged-row",
        name,
        `line ${info.lines} has ${record.length} values, the header ${columns.length}`,
        "Mend that line, or quote a value that holds a comma.",
      );
    }
    return Object.fromEntries(columns.map((column, index) => [column, record[index]]));
  });
  return { columns, rows };
}

/** The commonest of comma, semicolon and tab in the first line, outside quotes; the comma when there is none. */
export function guessDelimiter(content: Uint8Array): string {
  const [line] = new TextDecoder().decode(content.subarray(0, 65536)).split(/[\r\n]/, 1);
  const count = (mark: string): number => line.replaceAll(/"[^"]*"/g, "").split(mark).length;
  return [",", ";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

interface ParsedRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

function parseRecords(text: string, name: string, delimiter: string): ParsedRecord[] {
  try {
    // `info` adds the line number to each record, which the typings of csv-parse do not know.
    return parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as ParsedRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === "number" ? error.lines : "?";
    const problem =
      error.code === "CSV_QUOTE_NOT_CLOSED"
        ? `a quoted value is never closed (the file ends at line ${line})`
        : `line ${line} has a misplaced quote`;
    throw new BadFile("bad-quotes", name, problem, "Write a quote inside a quoted value as two quotes.", { cause: error });
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw new BadFile("bad-encoding", name, `is not UTF-8${utf16 ? " but UTF-16" : ""}`, "Save it as CSV UTF-8.", {
      cause: error,
    });
  }
}

/** What a cell may hold; null and undefined are written as nothing. */
export type CsvValue = string | number | boolean | null | undefined;

/**
 * A table as CSV text: one header line, "\n" after every line, quotes only where a value needs them.
 * @throws InvalidValue when two columns share a name
 * @example formatCsv({ columns: ["id", "note"], rows: [{ id: 1, note: 'a "b", c' }] }) // 'id,note\n1,"a ""b"", c"\n'
 */
export function formatCsv({
  columns,
  rows,
}: {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, CsvValue>>[];
}): string {
  if (new Set(columns).size !== columns.length)
    throw new InvalidValue("formatCsv", "every column needs its own name", columns);
  const line = (values: readonly CsvValue[]): string => {
    const cells = values.map((value) => quoted(String(value ?? "")));
    return `${cells.length === 1 && cells[0] === "" ? '""' : cells.join(",")}\n`; // a bare newline would read as a blank line
  };
  return line(columns) + rows.map((row) => line(columns.map((column) => row[column]))).join("");
}

export async function writeCsv(path: string, table: Parameters<typeof formatCsv>[0]): Promise<void> {
  await writeFileAtomic(path, formatCsv(table));
}

const quoted = (text: string): string => (/[",\r\n]|^\s|\s$|^\uFEFF/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
