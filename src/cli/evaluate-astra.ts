import { resolve } from "node:path";
import type { Command } from "commander";
import type { MetricValue } from "../core/index.js";
import type { ResultRecord } from "../results/index.js";
import { keepRecords } from "./keep-records.js";
import { evaluateOptions, type EvaluateOptions } from "./method-options.js";
import { say, type Shell } from "./shell.js";
import { withEngine } from "./with-engine.js";

/** `folio evaluate astra` */
export function addEvaluateAstra(evaluate: Command, shell: Shell): void {
  evaluateOptions(evaluate.command("astra"))
    .description("Anomaly scores of every test clip, AUC and pAUC with intervals, and the challenge's official score.")
    .requiredOption("--data <folder>", "the data it was trained on")
    .option("--variant <name>", "what this run is called in the records", "attention")
    .option("--no-ablations", "leave out the ablations")
    .option("--no-peers", "leave out the untrained encoder, the log-mel statistics and the autoencoder")
    .addHelpText(
      "after",
      "\nExample:\n  folio evaluate astra --run runs/astra-quick --data data/dcase-quick --results results/astra",
    )
    .action((options: EvaluateAstraCommand) => evaluateAstraCommand(options, shell));
}

interface EvaluateAstraCommand extends EvaluateOptions {
  readonly data: string;
  readonly variant: string;
  readonly ablations: boolean;
  readonly peers: boolean;
}

async function evaluateAstraCommand(options: EvaluateAstraCommand, shell: Shell): Promise<void> {
  const { readDcase } = await import("../datasets/index.js");
  const { evaluateRun } = await import("../methods/astra/index.js");
  const dataset = await readDcase(resolve(shell.cwd, options.data));
  await withEngine(options.engine, shell, async (engine) => {
    const records = await evaluateRun({
      engine,
      dataset,
      run: resolve(shell.cwd, options.run),
      variant: options.variant,
      ablations: options.ablations ? "run" : "skip",
      peers: options.peers ? "run" : "skip",
      progress: shell.progress,
      signal: shell.signal,
    });
    await keepRecords(records, options, shell, sayRecords);
  });
}

function sayRecords(shell: Shell, records: readonly ResultRecord[]): void {
  const { generated, name } = records[0].dataset;
  say(shell, `Test clips of ${name}${generated ? " (generated data)" : ""}; mean AUC over machines [95 % interval]`);
  for (const { variant, metrics } of records) say(shell, summaryLine(variant, metrics));
}

function summaryLine(variant: string, metrics: readonly MetricValue[]): string {
  const areas = ["source", "target", undefined].map((domain) => {
    const metric = metrics.find(({ id, group }) => id === "auc" && group?.machine === undefined && group?.domain === domain);
    return metric && `${domain ?? "all"} ${number(metric.value)}${range(metric)}`;
  });
  const official = metrics.find(({ id }) => id === "dcase_score");
  return [
    variant.padEnd(21),
    ...areas.filter((area) => area !== undefined),
    `official ${number(official?.value ?? null)}`,
  ].join("  ");
}

const range = ({ interval }: MetricValue): string => (interval ? ` [${number(interval.low)}, ${number(interval.high)}]` : "");
const number = (value: number | null): string => (value === null ? "–" : value.toFixed(3));
