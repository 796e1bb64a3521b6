import { cellLabel, type CellError } from "./trace.js";

/** Whether Node's loader found no such module. */
export const isMissingModule = (error: unknown): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";

/**
 * The loader's error about an import of a cell, which knows no place in it → the same at the line that names the module, with what to
 * do about a package.
 */
export function atImport(
  error: CellError,
  { count, source, folder }: { readonly count: number; readonly source: string; readonly folder: string },
): CellError {
  const [, kind, wanted] = /^Cannot find (module|package) '([^']+)' imported from .*Cell/.exec(error.evalue) ?? [];
  if (wanted === undefined || error.at !== undefined) return error;
  const ending = kind === "package" ? wanted : (wanted.split(/[\\/]/).at(-1) ?? wanted);
  const lines = source.split("\n");
  const at = lines.findIndex((text) => texts(text).some((one) => one.includes(ending)));
  const evalue =
    kind === "package"
      ? `Cannot find package '${wanted}' from ${folder}. Install it there: npm install ${wanted}`
      : `Cannot find module '${wanted}'`;
  const place = at < 0 ? [] : [`    at ${cellLabel(count)}, line ${at + 1}`, `        ${lines[at].trim()}`];
  return {
    ...error,
    evalue,
    ...(at >= 0 && { at: { cell: count, line: at + 1, column: 1 } }),
    traceback: [`${error.ename}: ${evalue}`, ...place],
  };
}

/** What stands between quotes. */
const texts = (line: string): string[] => [...line.matchAll(/(["'`])(.*?)\1/g)].map(([, , text]) => text);
