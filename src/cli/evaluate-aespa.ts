import { resolve } from "node:path";
import type { Command } from "commander";
import type { ResultRecord } from "../results/index.js";
import { say, sayJson, type Shell } from "./shell.js";

interface EvaluateAespaCommand {
  readonly run: string;
  readonly data: string;
  readonly results?: string;
  readonly engine: string;
  readonly peers: boolean;
  readonly json?: boolean;
}

/** `folio evaluate aespa` */
export function addEvaluateAespa(evaluate: Command, shell: Shell): void {
  evaluate
    .command("aespa")
    .description("Every rater of every test image clicks through all rounds; Dice, GED and IoU after each, beside click-blind peers.")
    .requiredOption("--run <folder>", "what `folio train aespa` wrote")
    .requiredOption("--data <folder>", "the data it was trained on")
    .option("--results <folder>", "write result records for reports here")
    .option("--engine <name>", "which engine, or auto for the fastest that is there", "auto")
    .option("--no-peers", "leave out the click-blind mask and the fixed styles")
    .option("--json", "print every measured value as JSON")
    .addHelpText("after", "\nExample:\n  folio evaluate aespa --run runs/aespa-quick --data data/lidc-quick --results results/aespa")
    .action((options: EvaluateAespaCommand) => evaluateAespaCommand(options, shell));
}

async function evaluateAespaCommand(options: EvaluateAespaCommand, shell: Shell): Promise<void> {
  const { openEngine } = await import("../engine/index.js");
  const { evaluateAespaRun } = await import("../methods/aespa/index.js");
  const { writeRecord } = await import("../results/index.js");
  const engine = await openEngine({ prefer: options.engine as "auto", signal: shell.signal });
  try {
    const records = await evaluateAespaRun({
      engine,
      run: resolve(shell.cwd, options.run),
      data: resolve(shell.cwd, options.data),
      peers: options.peers ? "run" : "skip",
      progress: shell.progress,
      signal: shell.signal,
    });
    const paths: string[] = [];
    for (const record of options.results ? records : []) paths.push(await writeRecord(resolve(shell.cwd, options.results!), record));
    if (options.json) return sayJson(shell, { records: paths, variants: records.map(({ variant, metrics }) => ({ variant, metrics })) });
    sayRecords(shell, records);
    if (paths.length > 0) say(shell, `${paths.length} result records in ${options.results}`);
  } finally {
    await engine.close();
  }
}

function sayRecords(shell: Shell, records: readonly ResultRecord[]): void {
  const { generated, name } = records[0].dataset;
  const rounds = Math.max(...records[0].metrics.map(({ group }) => Number(group?.round)).filter(Number.isFinite));
  say(shell, `Test images of ${name}${generated ? " (generated data)" : ""}; Dice with the rater who clicks, after 0–${rounds} clicks`);
  for (const { variant, metrics } of records) {
    const values = Array.from({ length: rounds + 1 }, (_, round) => metrics.find(({ id, group }) => id === "dice_follow" && group?.round === String(round) && group.rater === undefined));
    const last = values.at(-1)?.interval;
    const interval = last ? `  [${last.low.toFixed(3)}, ${last.high.toFixed(3)}]` : "";
    say(shell, `  ${variant.padEnd(16)} ${values.map((metric) => metric?.value?.toFixed(3) ?? "–").join(" ")}${interval}`);
  }
}
