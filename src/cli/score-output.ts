import type { Command } from "commander";
import { resolve } from "node:path";
import { writeFileAtomic } from "../core/index.js";
import type { ScoreReport } from "../scoring/index.js";
import { share, wholeNumber } from "./option-values.js";
import { say, sayJson, type Shell } from "./shell.js";

/** The options that every `folio score` command shares. */
export interface ScoreOutput {
  readonly json?: true;
  readonly csv?: true;
  readonly latex?: true;
  readonly siunitx?: true;
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
    .option("--siunitx", "the same with numbers aligned by siunitx")
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
      : options.latex || options.siunitx
        ? tableAsLatex(scoreTable(report, title), options.siunitx ? "siunitx" : "plain")
        : options.html
          ? tableAsHtml(scoreTable(report, title), title)
          : tableAsText(scoreTable(report, title));
  if (options.out === undefined) return say(shell, text.trimEnd());
  await writeFileAtomic(resolve(shell.cwd, options.out), text.endsWith("\n") ? text : `${text}\n`);
}
