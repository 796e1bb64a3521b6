import { InvalidArgumentError, type Command } from "commander";
import { resolve } from "node:path";
import { writeFileAtomic } from "../core/index.js";
import type { ScoreReport } from "../scoring/index.js";
import { say, sayJson, type Shell } from "./shell.js";

/** The options that every `folio score` command shares. */
export interface ScoreOutput {
  readonly json?: true;
  readonly csv?: true;
  readonly latex?: true;
  readonly html?: true;
  readonly out?: string;
  readonly resamples: number;
  readonly seed: number;
  readonly level: number;
}

export function withScoreOutput(command: Command): Command {
  return command
    .option("--resamples <N>", "bootstrap resamples", wholeNumber, 2000)
    .option("--seed <N>", "seed of the bootstrap", wholeNumber, 0)
    .option("--level <P>", "coverage of the intervals", share, 0.95)
    .option("--json", "the whole answer as JSON: metrics, cases, comparison")
    .option("--csv", "one line a metric")
    .option("--latex", "a table for a paper (booktabs)")
    .option("--html", "a page with the table")
    .option("-o, --out <FILE>", "write there instead of to the terminal");
}

export async function showScores(report: ScoreReport, title: string, options: ScoreOutput, shell: Shell): Promise<void> {
  const { reportAsCsv, scoreTable, tableAsHtml, tableAsLatex, tableAsText } = await import("../scoring/index.js");
  if (options.json && options.out === undefined) return sayJson(shell, report);
  const text = options.json
    ? JSON.stringify(report, null, 2)
    : options.csv
      ? reportAsCsv(report, title)
      : options.latex
        ? tableAsLatex(scoreTable(report, title))
        : options.html
          ? tableAsHtml(scoreTable(report, title), title)
          : tableAsText(scoreTable(report, title));
  if (options.out === undefined) return say(shell, text.trimEnd());
  await writeFileAtomic(resolve(shell.cwd, options.out), text.endsWith("\n") ? text : `${text}\n`);
}

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("A whole number is needed.");
  return Number(text);
}

export function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError("A number between 0 and 1 is needed.");
  return value;
}

export function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("A number is needed.");
  return value;
}

export function commaList(text: string): string[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  if (names.length === 0) throw new InvalidArgumentError("A list such as a,b is needed.");
  return names;
}

export function labelList(text: string): number[] {
  return commaList(text).map((item) => {
    const label = wholeNumber(item);
    if (label < 1 || label > 65535) throw new InvalidArgumentError("Labels are whole numbers from 1 to 65535.");
    return label;
  });
}

/** For options that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
