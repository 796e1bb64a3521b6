import type { Position } from "../compile/position.js";

/** A place in a cell where an error passed, innermost first. */
export interface CellFrame {
  /** The `n` of `Cell [n]`. */
  readonly cell: number;
  readonly line: number;
  readonly column: number;
  readonly function: string;
  /** The cell's text at that line. */
  readonly text: string;
}

/** An error of a cell as a reader sees it. */
export interface CellError {
  readonly ename: string;
  readonly evalue: string;
  /** Where in the notebook it happened; absent when no cell is on the stack. */
  readonly at?: { readonly cell: number; readonly line: number; readonly column: number };
  /** Lines ready to print, first the headline; cell frames with their source line, library frames folded. */
  readonly traceback: readonly string[];
  readonly frames: readonly CellFrame[];
}

/** What the trace needs of a cell that has run. */
export interface TracedCell {
  readonly count: number;
  readonly source: string;
  readonly original: (at: Position) => Position | undefined;
}

/** The file name a cell's script carries, from which traces know it again. */
export const cellLabel = (count: number): string => `Cell [${count}]`;

/** @param cellOf finds a cell by its execution count */
export function describeError(error: unknown, cellOf: (count: number) => TracedCell | undefined, folder = ""): CellError {
  const seen = new Set<unknown>();
  const { ename, evalue } = headline(error);
  const stack = stackLines(error);
  const frames = stack.flatMap((line) => cellFrame(line, cellOf) ?? []);
  const traceback = [`${ename}: ${evalue}`, ...traceLines(stack, cellOf, folder)];
  seen.add(error);
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause !== undefined && !seen.has(cause)) {
    seen.add(cause);
    const { ename, evalue } = headline(cause);
    traceback.push(`Caused by ${ename}: ${evalue}`, ...traceLines(stackLines(cause), cellOf, folder));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  if (error instanceof AggregateError)
    for (const one of error.errors.slice(0, mostTogether)) {
      const { ename, evalue } = headline(one);
      traceback.push(`Among them ${ename}: ${evalue}`, ...traceLines(stackLines(one), cellOf, folder));
    }
  const first = frames[0];
  return {
    ename,
    evalue,
    ...(first && { at: { cell: first.cell, line: first.line, column: first.column } }),
    traceback,
    frames,
  };
}

function headline(error: unknown): { ename: string; evalue: string } {
  if (isErrorLike(error)) return { ename: error.name || "Error", evalue: error.message };
  return { ename: "Thrown", evalue: typeof error === "string" ? error : safeText(error) };
}

function isErrorLike(value: unknown): value is Error {
  return (
    value instanceof Error ||
    (typeof value === "object" &&
      value !== null &&
      "message" in value &&
      "name" in value &&
      typeof value.message === "string")
  );
}

function safeText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function stackLines(error: unknown): string[] {
  const stack = isErrorLike(error) && typeof error.stack === "string" ? error.stack : "";
  return stack.split("\n").filter((line) => /^\s+at /.test(line));
}

const cellPlace = /^\s+at (?:(.*?) \()?.*Cell(?: |%20)(?:\[|%5B)(\d+)(?:\]|%5D):(\d+):(\d+)\)?$/;

function cellFrame(line: string, cellOf: (count: number) => TracedCell | undefined): CellFrame[] | undefined {
  const match = cellPlace.exec(line);
  if (match === null) return undefined;
  const [, name = "", count, row, column] = match;
  const cell = cellOf(Number(count));
  const at = cell?.original({ line: Number(row), column: Number(column) });
  if (cell === undefined || at === undefined) return undefined;
  const named =
    /^(async )?(eval|Object\.<anonymous>|<anonymous>|Timeout\._onTimeout|Immediate\.<anonymous>|process\..*)?$/.test(name)
      ? ""
      : name.replace(/^async /, "");
  return [{ cell: cell.count, ...at, function: named, text: cell.source.split("\n")[at.line - 1] ?? "" }];
}

// Frames of Node and of the executor itself say nothing to a reader, and those of libraries are counted only.
function traceLines(stack: readonly string[], cellOf: (count: number) => TracedCell | undefined, folder: string): string[] {
  const lines: string[] = [];
  let folded = 0;
  const flush = (): void => {
    if (folded > 0) lines.push(`    … ${folded} library ${folded === 1 ? "frame" : "frames"}`);
    folded = 0;
  };
  for (const line of stack) {
    const [frame] = cellFrame(line, cellOf) ?? [];
    if (frame !== undefined) {
      flush();
      const place = `    at ${frame.function && `${frame.function}, `}${cellLabel(frame.cell)}, line ${frame.line}`;
      lines.push(place, `        ${frame.text.trim()}`);
    } else if (isLocal(line, folder)) {
      flush();
      lines.push(line);
    } else if (!/[( ]node:|\/kernel\/(execute|compile|process)\/|Cell(?: |%20)(?:\[|%5B)\d+/.test(line)) folded++;
  }
  flush();
  return lines;
}

/** Most errors of an AggregateError that are told one by one. */
const mostTogether = 10;

/** Text in which stacks are printed as Node writes them → the same with each cell's own lines, and without the kernel's machinery. */
export function withCellLines(text: string, cellOf: (count: number) => TracedCell | undefined): string {
  if (!/\n\s+at .*Cell(?: |%20)(?:\[|%5B)\d/.test(text)) return text;
  const lines = text.split("\n").flatMap((line) => {
    if (machinery.test(line)) return [];
    const [frame] = cellFrame(line.replace(/(\)?)( \{)?$/, "$1"), cellOf) ?? [];
    if (frame === undefined) return [line];
    const indent = /^\s*/.exec(line)?.[0] ?? "";
    return [`${indent}at ${frame.function && `${frame.function}, `}${cellLabel(frame.cell)}, line ${frame.line}${line.endsWith(" {") ? " {" : ""}`];
  });
  return lines.join("\n");
}

const machinery = /^\s+at .*\/dist\/kernel\/(?:execute|process|compile)\/[^{]*$|^\s+at .*node:(?:vm|internal)\b[^{]*$/;

/** A file of the user's own beside the notebook. */
const isLocal = (line: string, folder: string): boolean =>
  folder !== "" &&
  line.includes(folder) &&
  !line.includes("node_modules") &&
  !/Cell(?: |%20)(?:\[|%5B)\d+/.test(line) &&
  !line.includes("/dist/");
