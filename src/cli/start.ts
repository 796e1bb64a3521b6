import { relative } from "node:path";
import type { FivePapersOutcome, Part } from "../study/index.js";
import type { Register } from "./commands.js";
import { say, type Shell } from "./shell.js";

export const registerStart: Register = (folio, shell) => {
  folio
    .command("start")
    .description("make sample data, run the notebooks, build reports/five-papers (what npm start does after its set-up)")
    .option("--preset <name>", "quick: minutes on two cores; small: the measured small-scale version", "quick")
    .option("--seed <number>", "seed of every run", (text) => wholeNumber(text), 1)
    .addHelpText("after", "\nExample:\n  folio start --preset quick --seed 2")
    .action(async ({ preset, seed }: { preset: string; seed: number }) => {
      const [{ UsageError, packageRoot }, { buildFivePapers }] = await Promise.all([import("../core/index.js"), import("../study/index.js")]);
      if (preset !== "quick" && preset !== "small") throw new UsageError(`start: there is no preset "${preset}" for generated data; take quick or small.`);
      const outcome = await buildFivePapers({ root: packageRoot, preset, seed, progress: shell.progress, signal: shell.signal });
      tell(shell, outcome, setupParts(shell));
    });
};

function wholeNumber(text: string): number {
  return Number.parseInt(text, 10);
}

/** What scripts/start.mjs had to do before Folio could run, in seconds. */
function setupParts({ env }: Shell): Part[] {
  const seconds = JSON.parse(env.FOLIO_SETUP_SECONDS ?? "{}") as Record<string, number>;
  return Object.entries(seconds).map(([name, spent]) => ({ name, ran: true, because: [], seconds: spent }));
}

function tell(shell: Shell, { parts, records, html, pdf }: FivePapersOutcome, setup: readonly Part[]): void {
  const all = [...setup, ...parts];
  const width = Math.max(...all.map(({ name }) => name.length));
  say(shell);
  for (const { name, ran, because, seconds } of all) {
    const why = ran ? (because.length > 0 && because[0] !== "first run" ? ` (changed: ${because.join(", ")})` : "") : " (unchanged)";
    say(shell, `  ${name.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s${why}`);
  }
  say(shell, `  ${"in all".padEnd(width)}  ${all.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1).padStart(6)} s\n`);
  for (const line of headlines(records)) say(shell, `  ${line}`);
  say(shell, `\n  ${relative(shell.cwd, html)}\n  ${relative(shell.cwd, pdf)}`);
}

const headlineMetrics = ["auc", "pauc", "dcase_score"];

/** One line a record: its numbers over all of its data, marked where the data is generated. */
function headlines(records: FivePapersOutcome["records"]): string[] {
  return records.flatMap(({ method, variant, preset, dataset, metrics }) => {
    const overall = metrics.filter(({ group, value }) => group === undefined && value !== null);
    if (overall.length === 0) return [];
    const numbers = overall.filter(({ id }) => headlineMetrics.includes(id)).map(({ id, value, interval }) => `${id} ${value!.toFixed(3)}${interval ? ` [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}]` : ""}`);
    return [`${method} ${variant} (${preset}${dataset.generated ? ", generated data" : ""}): ${numbers.join(", ")}`];
  });
}
