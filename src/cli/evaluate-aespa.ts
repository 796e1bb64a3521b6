import { resolve } from "node:path";
import type { Command } from "commander";
import type { ResultRecord } from "../results/index.js";
import { keepRecords } from "./keep-records.js";
import { evaluateOptions, type EvaluateOptions } from "./method-options.js";
import { say, type Shell } from "./shell.js";
import { withEngine } from "./with-engine.js";

interface EvaluateAespaCommand extends EvaluateOptions {
  readonly data: string;
  readonly peers: boolean;
}

/** `folio evaluate aespa` */
export function addEvaluateAespa(evaluate: Command, shell: Shell): void {
  evaluateOptions(evaluate.command("aespa"))
    .description("Every rater of every test image clicks through all rounds; Dice, GED and IoU after each, beside click-blind peers.")
    .requiredOption("--data <folder>", "the data it was trained on")
    .option("--no-peers", "leave out the click-blind mask and the fixed styles")
    .addHelpText("after", "\nExample:\n  folio evaluate aespa --run runs/aespa-quick --data data/lidc-quick --results results/aespa")
    .action((options: EvaluateAespaCommand) => evaluateAespaCommand(options, shell));
}

async function evaluateAespaCommand(options: EvaluateAespaCommand, shell: Shell): Promise<void> {
  const { evaluateAespaRun } = await import("../methods/aespa/index.js");
  await withEngine(options.engine, shell, async (engine) => {
    const records = await evaluateAespaRun({
      engine,
      run: resolve(shell.cwd, options.run),
      data: resolve(shell.cwd, options.data),
      peers: options.peers ? "run" : "skip",
      progress: shell.progress,
      signal: shell.signal,
    });
    await keepRecords(records, options, shell, sayRecords);
  });
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
