import { resolve } from "node:path";
import type { Command } from "commander";
import { UsageError, type MetricValue } from "../core/index.js";
import type { ResultRecord } from "../results/index.js";
import { foundationFiles, foundationOptions, type FoundationPaths } from "./foundation-options.js";
import { keepRecords } from "./keep-records.js";
import { evaluateOptions, type EvaluateOptions } from "./method-options.js";
import { wholeNumber } from "./option-values.js";
import { say, sayJson, type Shell } from "./shell.js";
import { withEngine } from "./with-engine.js";

interface EvaluateRasaloreCommand extends EvaluateOptions, FoundationPaths {
  readonly data?: string;
  readonly volume?: string;
  readonly out?: string;
  readonly margin?: number;
  readonly gate: boolean;
  readonly variant: string;
}

/** `folio evaluate rasalore` */
export function addEvaluateRasalore(evaluate: Command, shell: Shell): void {
  const rasalore = evaluateOptions(evaluate.command("rasalore"))
    .description("Dice, AUPRC, AUROC … of every unhealthy test slice beside the pseudo masks, and whole patients; or one whole scan to a mask.")
    .option("--data <folder>", "extracted slices: of the release it was trained on, or of another for a test across datasets")
    .option("--volume <scan>", "instead of --data: a NIfTI scan in the modality of the training slices")
    .option("-o, --out <mask>", "with --volume: where the mask goes, in the scan's own geometry")
    .option("--margin <slices>", "with --volume: slices left out at the bottom and the top (default: 15; 4 for a run on generated volumes)", wholeNumber)
    .option("--no-gate", "with --volume: segment every slice, not only those stage 1 takes for unhealthy")
    .option("--variant <name>", "what this run is called in the records", "rasalore")
    .addHelpText("after", "\nExamples:\n  folio evaluate rasalore --run runs/rasalore-quick --data data/brats-quick --results results/rasalore\n  folio evaluate rasalore --run runs/rasalore-quick --volume scan.nii.gz -o mask.nii.gz");
  foundationOptions(rasalore).action((options: EvaluateRasaloreCommand) => {
    if ((options.data === undefined) === (options.volume === undefined)) throw new UsageError("Give either --data with extracted slices or --volume with a scan.");
    if ((options.volume === undefined) !== (options.out === undefined)) throw new UsageError("--volume and --out go together.");
    return options.volume === undefined ? evaluateSlices(options, shell) : segmentScan(options, shell);
  });
}

async function evaluateSlices(options: EvaluateRasaloreCommand, shell: Shell): Promise<void> {
  const { evaluateRasaloreRun } = await import("../methods/rasalore/index.js");
  await withEngine(options.engine, shell, async (engine) => {
    const records = await evaluateRasaloreRun({
      engine, run: resolve(shell.cwd, options.run), data: resolve(shell.cwd, options.data!), variant: options.variant, files: foundationFiles(options, shell), progress: shell.progress, signal: shell.signal,
    });
    await keepRecords(records, options, shell, sayRecords);
  });
}

function sayRecords(shell: Shell, records: readonly ResultRecord[]): void {
  const [{ dataset: { name, generated }, config, metrics: own }] = records;
  say(shell, `Unhealthy test slices of ${name}${generated ? " (generated data)" : ""}, trained on ${String(config.trainedOn)}; means over slices [95 % over patients]`);
  say(shell, `  ${"".padEnd(14)}${["Dice", "AUPRC", "AUROC"].map((title) => title.padEnd(24)).join("")}`);
  for (const { variant, metrics } of records) {
    say(shell, `  ${variant.padEnd(14)}${["dice", "auprc", "auroc"].map((id) => shown(metrics.find((metric) => metric.id === id)).padEnd(24)).join("")}`.trimEnd());
  }
  const of = (metrics: readonly MetricValue[], id: string): string => shown(metrics.find((metric) => metric.id === id));
  const stage1 = records.find(({ variant }) => variant.startsWith("ddpt") && !variant.startsWith("ddpt-medsam"));
  if (stage1) say(shell, `Stage 1 tells slices apart: accuracy ${of(stage1.metrics, "slice_accuracy")}, AUC ${of(stage1.metrics, "slice_auc")}`);
  say(shell, `Whole patients: Dice ${of(own, "patient_dice")}, lesion-wise F1 ${of(own, "patient_lesion_f1")} by any overlap, ${of(own, "patient_lesion_f1_half")} by an IoU above ½`);
}

const shown = (metric: MetricValue | undefined): string => {
  if (metric === undefined || metric.value === null) return "–";
  const { value, interval } = metric;
  return `${value.toFixed(3)}${interval ? ` [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}]` : ""}`;
};

async function segmentScan({ run: folder, volume, out, margin, gate, engine: prefer, json, ...paths }: EvaluateRasaloreCommand, shell: Shell): Promise<void> {
  const { openTrained, segmentVolume } = await import("../methods/rasalore/index.js");
  await withEngine(prefer, shell, async (engine) => {
    const { run, ddpt, model, dispose } = await openTrained(engine.tf, resolve(shell.cwd, folder), foundationFiles(paths, shell));
    const rules = { ...run.rules, ...(margin !== undefined && { margin }) };
    const result = await segmentVolume({
      tf: engine.tf, model, ddpt: gate ? ddpt : undefined, scan: resolve(shell.cwd, volume!), out: resolve(shell.cwd, out!), rules, orientation: run.orientation, progress: shell.progress, signal: shell.signal,
    });
    dispose();
    if (json) return sayJson(shell, { scan: volume, mask: out, ...result });
    say(shell, `${out}: ${result.voxels.toLocaleString("en")} voxels (${result.volumeMl.toFixed(1)} ml) in ${result.unhealthy} of ${result.slices} slices`);
  });
}
