import { resolve } from "node:path";
import { Option, type Command } from "commander";
import { UsageError } from "../core/index.js";
import type { ResultRecord } from "../results/index.js";
import type { BaselineName } from "../methods/asmr/index.js";
import { keepRecords } from "./keep-records.js";
import { evaluateOptions, type EvaluateOptions } from "./method-options.js";
import { say, type Shell } from "./shell.js";
import { withEngine } from "./with-engine.js";

interface EvaluateAsmrCommand extends EvaluateOptions {
  readonly data: string;
  readonly budgets?: readonly string[];
  readonly baselines: "all" | "cheap" | "none";
}

/** `folio evaluate asmr` */
export function addEvaluateAsmr(evaluate: Command, shell: Shell): void {
  evaluateOptions(evaluate.command("asmr"))
    .description("Acquire every test slice with the policy and the baselines at every budget; Dice, HD95, SSIM, PSNR, NMSE with patient intervals.")
    .requiredOption("--data <folder>", "the data it was trained on")
    .option("--budgets <lines...>", "lines a slice, such as 6 8 10 (default: the preset's)")
    .addOption(new Option("--baselines <which>", "all; cheap leaves out LOUPE and the greedy searches").choices(["all", "cheap", "none"]).default("all"))
    .addHelpText("after", "\nExample:\n  folio evaluate asmr --run runs/asmr-quick --data data/acdc-quick --results results/asmr")
    .action((options: EvaluateAsmrCommand) => evaluateAsmrCommand(options, shell));
}

async function evaluateAsmrCommand(options: EvaluateAsmrCommand, shell: Shell): Promise<void> {
  const { run, data, engine: prefer, budgets, baselines } = options;
  const { evaluateAsmrRun } = await import("../methods/asmr/index.js");
  const lines = budgets?.map((text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1) throw new UsageError(`--budgets: ${JSON.stringify(text)} is no number of lines.`);
    return value;
  });
  const chosen: Record<EvaluateAsmrCommand["baselines"], readonly BaselineName[] | undefined> = { all: undefined, cheap: ["random", "centre", "equispaced", "vds", "all-lines"], none: [] };
  await withEngine(prefer, shell, async (engine) => {
    const { records } = await evaluateAsmrRun({
      engine, run: resolve(shell.cwd, run), data: resolve(shell.cwd, data), budgets: lines, baselines: chosen[baselines], progress: shell.progress, signal: shell.signal,
    });
    await keepRecords(records, options, shell, sayRecords);
  });
}

function sayRecords(shell: Shell, records: readonly ResultRecord[]): void {
  const { generated, name } = records[0].dataset;
  const budgets = [...new Set(records[0].metrics.map(({ group }) => Number(group?.budget)))].sort((a, b) => a - b);
  say(shell, `Test volumes of ${name}${generated ? " (generated data)" : ""}; mean Dice [95 % interval] and SSIM by lines acquired`);
  say(shell, `  ${"".padEnd(18)}${budgets.map((budget) => `${budget} lines`.padEnd(28)).join("")}`);
  for (const { variant, metrics } of records) {
    const cells = budgets.map((budget) => {
      const of = (id: string) => metrics.find((metric) => metric.id === id && metric.group?.budget === String(budget));
      const [dice, ssim] = [of("dice"), of("ssim")];
      const interval = dice?.interval ? ` [${dice.interval.low.toFixed(3)}, ${dice.interval.high.toFixed(3)}]` : "";
      return `${dice?.value?.toFixed(3) ?? "–"}${interval} ${ssim?.value?.toFixed(3) ?? "–"}`.padEnd(28);
    });
    say(shell, `  ${variant.padEnd(18)}${cells.join("")}`.trimEnd());
  }
}
