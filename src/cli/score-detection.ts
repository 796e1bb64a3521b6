import { resolve } from "node:path";
import { Option, type Command } from "commander";
import type { DetectionScoring } from "../scoring/index.js";
import { collect, commaList, finiteNumber, share } from "./option-values.js";
import { showScores, withScoreOutput, type ScoreOutput } from "./score-output.js";
import type { Shell } from "./shell.js";

interface Options extends ScoreOutput, Omit<DetectionScoring, "groups" | "dcase" | "resamples" | "seed" | "level" | "progress"> {
  readonly group?: readonly string[];
  readonly dcase?: string;
}

export function registerScoreDetection(score: Command, shell: Shell): void {
  const command = score
    .command("detection")
    .argument("<scores.csv>", "a CSV file with a header line, one case a line")
    .description("AUC, pAUC and average precision of a detector's scores, with intervals and paired comparisons.")
    .option("--score <COLUMN>", "scores; higher is more positive", "score")
    .option("--label <COLUMN>", "labels, 0 or 1", "label")
    .option("--positive <TEXT>", "the label that means positive, when labels are not 0 and 1")
    .option("--case <COLUMN>", "case names (default: a column called case, id, file, file_name or filename)")
    .option("--group <COLUMNS>", "also score each group, e.g. machine,domain", commaList)
    .option("--cluster <COLUMN>", "resample whole clusters, e.g. patients")
    .option("--max-fpr <P>", "pAUC up to this false-positive rate", share, 0.1)
    .addOption(new Option("--pauc <CONVENTION>", "pAUC convention").choices(["mcclish", "raw", "dcase"]).default("mcclish"))
    .option("--threshold <T>", "also accuracy, F1, precision, recall and specificity of score >= T", finiteNumber)
    .addOption(
      new Option("--dcase <YEAR>", "also the official DCASE score, from the columns machine, domain (and section)").choices(
        dcaseYears,
      ),
    )
    .addOption(
      new Option("--interval <METHOD>", "interval").choices(["percentile", "bca", "delong", "none"]).default("percentile"),
    )
    .option("--compare <FILE>", "another method's scores of the same cases; may be repeated", collect);
  withScoreOutput(command)
    .addHelpText(
      "after",
      "\nExample:\n  folio score detection scores.csv --group machine,domain --max-fpr 0.1 --compare baseline.csv --latex",
    )
    .action(async (file: string, options: Options) => {
      const { methodNames, scoreDetection } = await import("../scoring/index.js");
      const path = resolve(shell.cwd, file);
      const { group, dcase, compare, ...rest } = options;
      const report = await scoreDetection(path, {
        ...rest,
        groups: group,
        dcase: dcase === undefined ? undefined : (Number(dcase) as DetectionScoring["dcase"]),
        compare: compare?.map((other) => resolve(shell.cwd, other)),
        progress: shell.progress,
      });
      await showScores(report, methodNames([path])[0], options, shell);
    });
}

const dcaseYears = ["2020", "2021", "2022", "2023", "2024", "2025"];
