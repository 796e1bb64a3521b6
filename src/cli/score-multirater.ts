import { resolve } from "node:path";
import { Option, type Command } from "commander";
import type { MultiraterScoring } from "../scoring/index.js";
import { labelList } from "./option-values.js";
import { showScores, withScoreOutput, type ScoreOutput } from "./score-output.js";
import type { Shell } from "./shell.js";

interface Options
  extends ScoreOutput, Pick<MultiraterScoring, "labels" | "distance" | "statistic" | "clusterRegex" | "clusterName"> {
  readonly pred: string;
  readonly raters: string;
}

export function registerScoreMultirater(score: Command, shell: Shell): void {
  const command = score
    .command("multirater")
    .description("GED, Dice max, match, soft and personal of predicted samples against several raters.")
    .requiredOption("--pred <DIR>", "predictions: case.png, case/sample.png or sample/case.png (also NIfTI, NPY)")
    .requiredOption("--raters <DIR>", "raters: rater/case.png or case/rater.png")
    .option("--labels <LIST>", "score these labels one by one (default: everything but 0 is one foreground)", labelList)
    .addOption(new Option("--distance <NAME>", "distance of the GED").choices(["1-iou", "1-dice"]).default("1-iou"))
    .addOption(new Option("--statistic <NAME>", "GED with (v) or without (u) self-pairs").choices(["v", "u"]).default("v"))
    .option("--cluster-regex <RE>", "resample whole clusters: their name is the first group in the case's name")
    .option("--cluster-name <NAME>", "what a cluster is called", "patient");
  withScoreOutput(command)
    .addHelpText("after", "\nExample:\n  folio score multirater --pred samples --raters raters --json")
    .action(async (options: Options) => {
      const { methodNames, scoreMultirater } = await import("../scoring/index.js");
      const predictions = resolve(shell.cwd, options.pred);
      const raters = resolve(shell.cwd, options.raters);
      const report = await scoreMultirater({ ...options, predictions, raters, progress: shell.progress, signal: shell.signal });
      await showScores(report, methodNames([predictions])[0], options, shell);
    });
}
