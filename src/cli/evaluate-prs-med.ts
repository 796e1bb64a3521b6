import { resolve } from "node:path";
import type { Command } from "commander";
import type { ResultRecord } from "../results/index.js";
import { keepRecords } from "./keep-records.js";
import { evaluateOptions, type EvaluateOptions } from "./method-options.js";
import { say, type Shell } from "./shell.js";
import { withEngine } from "./with-engine.js";

interface EvaluatePrsMedCommand extends EvaluateOptions {
  readonly data: string;
}

/** `folio evaluate prs-med` */
export function addEvaluatePrsMed(evaluate: Command, shell: Shell): void {
  evaluateOptions(evaluate.command("prs-med"))
    .description("Ask every test question: Dice and IoU by kind of question, the published 256-threshold table, zone accuracy beside its majority baseline.")
    .requiredOption("--data <folder>", "the data it was trained on, or other data of the layout")
    .addHelpText("after", "\nExample:\n  folio evaluate prs-med --run runs/prs-med-quick --data data/prs-med-quick --results results/prs-med")
    .action((options: EvaluatePrsMedCommand) => evaluatePrsMedCommand(options, shell));
}

async function evaluatePrsMedCommand(options: EvaluatePrsMedCommand, shell: Shell): Promise<void> {
  const { evaluatePrsMedRun } = await import("../methods/prs-med/index.js");
  await withEngine(options.engine, shell, async (engine) => {
    const record = await evaluatePrsMedRun({ engine, run: resolve(shell.cwd, options.run), data: resolve(shell.cwd, options.data), progress: shell.progress, signal: shell.signal });
    await keepRecords([record], options, shell, (to, [one]) => sayRecord(to, one));
  });
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
