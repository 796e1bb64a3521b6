import { relative } from "node:path";
import type { FivePapersOutcome } from "../study/index.js";
import type { Register } from "./commands.js";
import { countingNumber, wholeNumber } from "./option-values.js";
import { say, type Shell } from "./shell.js";
import { sayRuns } from "./study-output.js";

export const registerStart: Register = (folio, shell) => {
  folio
    .command("start")
    .description("make sample data, run the notebooks, build reports/five-papers (what npm start does after its set-up)")
    .option("--preset <name>", "quick: minutes on two cores; small: the measured small-scale version", "quick")
    .option("--seed <number>", "seed of every run", wholeNumber, 1)
    .option("--cores <number>", "of this computer, at most so many (default: all)", countingNumber)
    .addHelpText("after", "\nExample:\n  folio start --preset quick --seed 2")
    .action(async ({ preset, seed, cores }: { preset: string; seed: number; cores?: number }) => {
      const [{ packageRoot, UsageError }, { buildFivePapers, requireComplete, terminalDisplay }] = await Promise.all([import("../core/index.js"), import("../study/index.js")]);
      if (preset !== "quick" && preset !== "small") throw new UsageError(`start: there is no preset "${preset}" for generated data; take quick or small.`);
      const started = performance.now();
      const display = terminalDisplay(shell.stderr);
      const outcome = await buildFivePapers({ root: packageRoot, preset, seed, cores, env: shell.env, progress: display.progress, onChange: display.update, signal: shell.signal }).finally(() => display.end());
      tell(shell, outcome, (performance.now() - started) / 1000);
      requireComplete("five-papers", outcome.runs);
    });
};

function tell(shell: Shell, { runs, records, report }: FivePapersOutcome, seconds: number): void {
  const setup = Object.entries(JSON.parse(shell.env.FOLIO_SETUP_SECONDS ?? "{}") as Record<string, number>);
  say(shell);
  for (const [part, spent] of setup) say(shell, `  ${part} took ${spent.toFixed(1)} s`);
  sayRuns(shell, runs);
  say(shell, `  report: ${report.ran ? `${report.seconds.toFixed(1)} s` : "unchanged"}`);
  say(shell, `  in all ${(seconds + setup.reduce((sum, [, spent]) => sum + spent, 0)).toFixed(1)} s\n`);
  for (const line of headlines(records)) say(shell, `  ${line}`);
  say(shell, `\n  ${relative(shell.cwd, report.html)}\n  ${relative(shell.cwd, report.pdf)}`);
}

const headlineMetrics = ["auc", "pauc", "dcase_score", "dice", "auroc", "zone_accuracy"];

/** One line a record: its numbers over all of its data, marked where the data is generated. */
function headlines(records: FivePapersOutcome["records"]): string[] {
  return records.flatMap(({ method, variant, preset, dataset, metrics }) => {
    const overall = metrics.filter(({ id, group, value }) => group === undefined && value !== null && headlineMetrics.includes(id));
    if (overall.length === 0) return [];
    const numbers = overall.map(({ id, value, interval }) => `${id} ${value!.toFixed(3)}${interval ? ` [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}]` : ""}`);
    return [`${method} ${variant} (${preset}${dataset.generated ? ", generated data" : ""}): ${numbers.join(", ")}`];
  });
}
