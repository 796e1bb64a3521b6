import type { Command } from "commander";
import { registerScoreCalibration } from "./score-calibration.js";
import { registerScoreDetection } from "./score-detection.js";
import { registerScoreMultirater } from "./score-multirater.js";
import { registerScoreSegmentation } from "./score-segmentation.js";
import type { Shell } from "./shell.js";

export function registerScore(folio: Command, shell: Shell): void {
  const score = folio
    .command("score")
    .description("Score predictions from any framework: metrics with intervals, as text, JSON, CSV, LaTeX or HTML.")
    .addHelpText(
      "after",
      "\nExample:\n  folio score detection scores.csv --score anomaly_score --label is_anomaly --cluster patient",
    );
  registerScoreDetection(score, shell);
  registerScoreSegmentation(score, shell);
  registerScoreMultirater(score, shell);
  registerScoreCalibration(score, shell);
}
