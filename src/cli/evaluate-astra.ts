import { resolve } from "node:path";
import type { Command } from "commander";
import type { MetricValue } from "../core/index.js";
import { say, sayJson, type Shell } from "./shell.js";

/** `folio evaluate astra` */
export function addEvaluateAstra(evaluate: Command, shell: Shell): void {
  evaluate
    .command("astra")
    .description("Anomaly scores of every test clip, AUC and pAUC with intervals, and the challenge's official score.")
    .requiredOption("--run <folder>", "what `folio train astra` wrote")
    .requiredOption("--data <folder>", "the data it was trained on")
    .option("--results <folder>", "write result records for reports here")
    .option("--engine <name>", "which engine, or auto for the fastest that is there", "auto")
    .option("--variant <name>", "what this run is called in the records", "attention")
    .option("--no-ablations", "leave out the ablations")
    .option("--no-peers", "leave out the untrained encoder, the log-mel statistics and the autoencoder")
    .option("--json", "print every measured value as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  folio evaluate astra --run runs/astra-quick --data data/dcase-quick --results results/astra",
    )
    .action((options: EvaluateAstraCommand) => evaluateAstraCommand(options, shell));
}

interface EvaluateAstraCommand {
  readonly run: string;
  readonly data: string;
  readonly results?: string;
  readonly engine: string;
  readonly variant: string;
  readonly ablations: boolean;
  readonly peers: boolean;
  readonly json?: boolean;
}

async function evaluateAstraCommand(options: EvaluateAstraCommand, shell: Shell): Promise<void> {
  const { readDcase } = await import("../datasets/index.js");
  const { openEngine } = await import("../engine/index.js");
  const { evaluateRun } = await import("../methods/astra/index.js");
  const { writeRecord } = await import("../results/index.js");
  const dataset = await readDcase(resolve(shell.cwd, options.data));
  const engine = await openEngine({ prefer: options.engine as "auto", signal: shell.signal });
  try {
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
    const paths: string[] = [];
    for (const record of options.results ? records : [])
      paths.push(await writeRecord(resolve(shell.cwd, options.results!), record));
    if (options.json) {
      sayJson(shell, { records: paths, variants: records.map(({ variant, metrics }) => ({ variant, metrics })) });
      return;
    }
    const { generated, name } = records[0].dataset;
    say(shell, `Test clips of ${name}${generated ? " (generated data)" : ""}; mean AUC over machines [95 % interval]`);
    for (const { variant, metrics } of records) say(shell, summaryLine(variant, metrics));
    if (paths.length > 0) say(shell, `${paths.length} result records in ${options.results}`);
  } finally {
    await engine.close();
  }
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
