import { html, markdown } from "../display/forms.js";
import type { CellEvent, CellResult } from "./events.js";
import type { Diagnostic } from "../language/language.js";

export interface MagicContext {
  readonly cell: number;
  /** What the type checker says of a cell; asked by `%%check` only. */
  readonly check: (code: string) => Promise<readonly Diagnostic[]>;
  readonly run: (source: string) => Promise<CellResult>;
  readonly emit: (event: CellEvent) => void;
}

type Magic = (rest: string, context: MagicContext, argument: string) => Promise<CellResult>;

/** Magics of a whole cell, on its first line. */
const cellMagics: Readonly<Record<string, Magic>> = {
  html: async (rest, { cell }) => ({ status: "ok", cell, result: html(rest) }),
  md: async (rest, { cell }) => ({ status: "ok", cell, result: markdown(rest) }),
  time: timed,
  check: checked,
};

/**
 * Runs a cell, minding its magics: `%%html`, `%%md`, `%%time`, `%%check` (type errors stop the cell) on the first line, and
 * `%time EXPRESSION`, `%env NAME[=VALUE]`, `%engine`, `%check on|off` on lines of their own.
 */
export async function runMagics(code: string, context: MagicContext): Promise<CellResult> {
  const first = /^\s*%%(\w+)[^\S\n]*([^\n]*)\n?/.exec(code);
  if (first === null) return context.run(withLineMagics(code));
  const [head, name, argument] = first;
  const magic = cellMagics[name];
  if (magic === undefined)
    return failed(
      context.cell,
      "UnknownMagic",
      `There is no %%${name}; there are ${Object.keys(cellMagics)
        .map((known) => `%%${known}`)
        .join(", ")}.`,
    );
  return magic(code.slice(head.length), context, argument.trim());
}

const failed = (cell: number, ename: string, evalue: string, traceback = [`${ename}: ${evalue}`]): CellResult => ({
  status: "error",
  cell,
  error: { ename, evalue, traceback, frames: [] },
});

/** Blank lines stand for the first line, so that a trace names the line the reader sees. */
async function timed(rest: string, { cell, run, emit }: MagicContext): Promise<CellResult> {
  const started = performance.now();
  const result = await run(`\n${withLineMagics(rest)}`);
  emit({ kind: "stream", cell, name: "stdout", text: `Wall time: ${wallTime(performance.now() - started)}\n` });
  return result;
}

const wallTime = (ms: number): string => (ms < 1000 ? `${ms.toPrecision(3)} ms` : `${(ms / 1000).toPrecision(3)} s`);

async function checked(rest: string, { cell, check, run }: MagicContext): Promise<CellResult> {
  const problems = await check(`\n${rest}`);
  if (problems.length === 0) return run(`\n${rest}`);
  const lines = problems.map(
    ({ line, column, message, code }) => `    Cell [${cell}], line ${line}, column ${column}: ${message} (TS${code})`,
  );
  const evalue = `${problems.length} ${problems.length === 1 ? "problem" : "problems"}; the cell was not run.`;
  return failed(cell, "TypeCheck", evalue, [`TypeCheck: ${evalue}`, ...lines]);
}

const engine = 'console.log(await import("folio/engine").then(({ engineReport }) => engineReport()));';

/** Line magics become TypeScript on the same line. A `%` at the start of a line inside a template or after an operator is left alone by asking for the exact names. */
function withLineMagics(code: string): string {
  if (!code.includes("%")) return code;
  return code.replaceAll(
    /^([^\S\n]*)%(time|env|engine|check)\b[^\S\n]*([^\n]*)$/gm,
    (_, indent: string, name: string, rest: string) => {
      if (name === "time")
        return `${indent}{ const $started = performance.now(); await (${rest.replace(/;\s*$/, "")}); console.log("Wall time: " + (performance.now() - $started).toPrecision(3) + " ms"); }`;
      if (name === "engine") return indent + engine;
      if (name === "check") return "";
      const [key, value] = rest.split(/=(.*)/s).map((part) => part.trim());
      return value === undefined
        ? `${indent}console.log(process.env[${JSON.stringify(key)}] ?? "");`
        : `${indent}process.env[${JSON.stringify(key)}] = ${JSON.stringify(value)};`;
    },
  );
}

/** A cell whose type errors stop it, so that there is nothing left to warn of; or one that is not TypeScript. */
export const isChecked = (code: string): boolean => /^\s*%%(check|html|md)\b/.test(code);

/** What a line `%check on` or `%check off` asks for: type errors as warnings under the cells, or none, from here on. */
export function warnSwitch(code: string): boolean | undefined {
  const asked = /^[^\S\n]*%check (on|off)[^\S\n]*$/m.exec(code)?.[1];
  return asked === undefined ? undefined : asked === "on";
}

/** For tests and the command that lists them. */
export const magicNames: readonly string[] = [
  ...Object.keys(cellMagics).map((name) => `%%${name}`),
  "%time",
  "%env",
  "%engine",
];
