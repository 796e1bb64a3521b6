import { resolve } from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { SegmentationScoring } from "../scoring/index.js";
import { collect, commaList, labelList, wholeNumber } from "./option-values.js";
import { showScores, withScoreOutput, type ScoreOutput } from "./score-output.js";
import type { Shell } from "./shell.js";

interface Options extends ScoreOutput {
  readonly pred: string;
  readonly truth: string;
  readonly labels?: readonly number[];
  readonly metrics: readonly string[];
  readonly clusterRegex?: string;
  readonly clusterName: string;
  readonly bothEmpty: "skip" | "one" | "zero";
  readonly oneEmpty: "skip" | "diagonal" | number;
  readonly missing: "error" | "exclude";
  readonly spacing?: readonly number[];
  readonly interval: "percentile" | "bca";
  readonly compare?: readonly string[];
  readonly workers?: number;
}

export function registerScoreSegmentation(score: Command, shell: Shell): void {
  const command = score
    .command("segmentation")
    .description("Dice, distances in mm and more for folders of segmentations (NIfTI, PNG, NPY) matched by file name.")
    .requiredOption("--pred <DIR>", "predictions")
    .requiredOption("--truth <DIR>", "truths with the same file names")
    .option(
      "--labels <LIST>",
      "score these labels one by one, e.g. 1,2,3 (default: everything but 0 is one foreground)",
      labelList,
    )
    .option("--metrics <LIST>", `metrics, each as id, id:convention or id@number; ${metricHelp}`, commaList, ["dice", "hd95"])
    .option("--cluster-regex <RE>", "resample whole clusters: their name is the first group in the case's name, e.g. '^(p\\d+)_'")
    .option("--cluster-name <NAME>", "what a cluster is called", "patient")
    .addOption(
      new Option("--both-empty <POLICY>", "when prediction and truth are both empty")
        .choices(["skip", "one", "zero"])
        .default("skip"),
    )
    .option("--one-empty <POLICY>", "distances when one is empty: skip, diagonal, or a number of mm", oneEmpty, "skip")
    .addOption(new Option("--missing <POLICY>", "truths without a prediction").choices(["error", "exclude"]).default("error"))
    .option("--spacing <LIST>", "mm, rows before columns, for PNG and NPY", spacingList)
    .addOption(new Option("--interval <METHOD>", "interval").choices(["percentile", "bca"]).default("percentile"))
    .option("--compare <DIR>", "another method's predictions of the same cases; may be repeated", collect)
    .option("--workers <N>", "threads (default: one a core); each holds one case in memory", wholeNumber);
  withScoreOutput(command)
    .addHelpText(
      "after",
      "\nExample:\n  folio score segmentation --pred ours --truth truth --labels 1,2,3 --metrics dice,hd95,nsd@2 --compare baseline --latex",
    )
    .action(async (options: Options) => {
      const { methodNames, scoreSegmentation } = await import("../scoring/index.js");
      const folder = (path: string): string => resolve(shell.cwd, path);
      const scoring: SegmentationScoring = {
        predictions: folder(options.pred),
        truths: folder(options.truth),
        labels: options.labels,
        metrics: options.metrics,
        clusterRegex: options.clusterRegex,
        clusterName: options.clusterName,
        whenBothEmpty: options.bothEmpty,
        whenOneEmpty: options.oneEmpty,
        missing: options.missing,
        spacingMm: options.spacing,
        method: options.interval,
        compare: options.compare?.map(folder),
        workers: options.workers,
        resamples: options.resamples,
        seed: options.seed,
        level: options.level,
        progress: shell.progress,
        signal: shell.signal,
      };
      await showScores(await scoreSegmentation(scoring), methodNames([scoring.predictions])[0], options, shell);
    });
}

const metricHelp =
  "dice, iou, hd, hd95 (directed-max, pooled, surfel-weighted), assd, masd, nsd@MM (surfel, surface-voxels), volume_difference, boundary_iou, cldice, lesion_f1";

function spacingList(text: string): number[] {
  const values = commaList(text).map(Number);
  if (!values.every((mm) => mm > 0 && Number.isFinite(mm)))
    throw new InvalidArgumentError("Distances above 0 are needed, e.g. 0.5,0.5.");
  return values;
}

function oneEmpty(text: string): "skip" | "diagonal" | number {
  if (text === "skip" || text === "diagonal") return text;
  const mm = Number(text);
  if (text.trim() === "" || !(mm >= 0)) throw new InvalidArgumentError("skip, diagonal or a number of mm is needed.");
  return mm;
}
