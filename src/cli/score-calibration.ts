import { resolve } from "node:path";
import { Option, type Command } from "commander";
import type { CalibrationScoring } from "../scoring/index.js";
import { wholeNumber } from "./option-values.js";
import { showScores, withScoreOutput, type ScoreOutput } from "./score-output.js";
import type { Shell } from "./shell.js";

interface Options extends ScoreOutput, Pick<CalibrationScoring, "label" | "positive" | "cluster" | "bins" | "binning"> {
  readonly prob: string;
  readonly case?: string;
}

export function registerScoreCalibration(score: Command, shell: Shell): void {
  const command = score
    .command("calibration")
    .argument("<probabilities.csv>", "a CSV file with a header line, one case a line")
    .description("Expected calibration error and Brier score of predicted probabilities.")
    .option("--prob <COLUMN>", "probabilities of the positive class", "prob")
    .option("--label <COLUMN>", "labels, 0 or 1", "label")
    .option("--positive <TEXT>", "the label that means positive, when labels are not 0 and 1")
    .option("--case <COLUMN>", "case names")
    .option("--cluster <COLUMN>", "resample whole clusters, e.g. patients")
    .option("--bins <N>", "bins of the calibration error", wholeNumber, 15)
    .addOption(new Option("--binning <NAME>", "bins").choices(["equal-width", "equal-mass"]).default("equal-width"));
  withScoreOutput(command)
    .addHelpText("after", "\nExample:\n  folio score calibration probabilities.csv --prob p --label y --bins 10")
    .action(async (file: string, options: Options) => {
      const { methodNames, scoreCalibration } = await import("../scoring/index.js");
      const path = resolve(shell.cwd, file);
      await showScores(await scoreCalibration(path, { ...options, score: options.prob }), methodNames([path])[0], options, shell);
    });
}
