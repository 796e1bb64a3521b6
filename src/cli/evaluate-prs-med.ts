import { resolve } from "node:path";
import type { Command } from "commander";
import type { ResultRecord } from "../results/index.js";
import { say, sayJson, type Shell } from "./shell.js";

interface EvaluatePrsMedCommand {
  readonly run: string;
  readonly data: string;
  readonly results?: string;
  readonly engine: string;
  readonly json?: boolean;
}

/** `folio evaluate prs-med` */
export function addEvaluatePrsMed(evaluate: Command, shell: Shell): void {
  evaluate
    .command("prs-med")
    .description("Ask every test question: Dice and IoU by kind of question, the published 256-threshold table, zone accuracy beside its majority baseline.")
    .requiredOption("--run <folder>", "what `folio train prs-med` wrote")
    .requiredOption("--data <folder>", "the data it was trained on, or other data of the layout")
    .option("--results <folder>", "write the result record for reports here")
    .option("--engine <name>", "which engine, or auto for the fastest that is there", "auto")
    .option("--json", "print every measured value as JSON")
    .addHelpText("after", "\nExample:\n  folio evaluate prs-med --run runs/prs-med-quick --data data/prs-med-quick --results results/prs-med")
    .action((options: EvaluatePrsMedCommand) => evaluatePrsMedCommand(options, shell));
}

async function evaluatePrsMedCommand({ run, data, results, engine: prefer, json }: EvaluatePrsMedCommand, shell: Shell): Promise<void> {
  const { openEngine } = await import("../engine/index.js");
  const { evaluatePrsMedRun } = await import("../methods/prs-med/index.js");
  const { writeRecord } = await import("../results/index.js");
  const engine = await openEngine({ prefer: prefer as "auto", signal: shell.signal });
  try {
    const record = await evaluatePrsMedRun({ engine, run: resolve(shell.cwd, run), data: resolve(shell.cwd, data), progress: shell.progress, signal: shell.signal });
    const path = results && (await writeRecord(resolve(shell.cwd, results), record));
    if (json) return sayJson(shell, { record: path, variant: record.variant, metrics: record.metrics });
    sayRecord(shell, record);
    if (path) say(shell, `1 result record in ${results}`);
  } finally {
    await engine.close();
  }
}

function sayRecord(shell: Shell, { dataset: { name, generated }, variant, metrics }: ResultRecord): void {
  const value = (id: string, kind: string): string => {
    const found = metrics.find((metric) => metric.id === id && metric.group?.kind === kind);
    const interval = found?.interval ? ` [${found.interval.low.toFixed(3)}, ${found.interval.high.toFixed(3)}]` : "";
    return `${found?.value?.toFixed(3) ?? "–"}${interval}`;
  };
  say(shell, `${variant}, test rows of ${name}${generated ? " (generated data)" : ""}`);
  for (const kind of ["single", "attr", "zone"]) {
    if (!metrics.some(({ group }) => group?.kind === kind)) continue;
    const zone = metrics.some(({ id, group }) => id === "zone_accuracy" && group?.kind === kind) ? `, zone named right ${value("zone_accuracy", kind)} (always the commonest: ${value("zone_accuracy_majority", kind)})` : "";
    say(shell, `  ${kind.padEnd(7)} Dice ${value("dice", kind)}${zone}`);
  }
  const over = (id: string): string => metrics.find((metric) => metric.id === id && metric.group === undefined)?.value?.toFixed(3) ?? "–";
  say(shell, `  mean over tasks, 256 thresholds: Dice ${over("mean_dice")}, IoU ${over("mean_iou")}, weighted F ${over("weighted_f")}, structure ${over("structure")}, MAE ${over("mae")}`);
}
