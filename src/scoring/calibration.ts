import { InvalidValue, BadFile, type MetricValue } from "../core/index.js";
import { brier, ece, reliability, resampledEce, type EceOptions } from "../metrics/index.js";
import { bootstrap, weightedMean, type ResampleStatistic } from "../stats/index.js";
import type { ScoreReport } from "./report.js";
import { readScoreFile, type ScoreColumns } from "./score-file.js";

export interface CalibrationScoring extends ScoreColumns, EceOptions {
  readonly resamples?: number;
  readonly seed?: number;
  readonly level?: number;
}

/**
 * Scores a CSV file of predicted probabilities: expected calibration error and Brier score with bootstrap intervals.
 * The report's cases are the bins of the reliability diagram.
 * @throws BadFile naming the line of a value that is no probability
 */
export async function scoreCalibration(file: string, options: CalibrationScoring): Promise<ScoreReport> {
  const { scores, labels, clusters, cases } = await readScoreFile(file, options);
  scores.forEach((p, i) => {
    if (p >= 0 && p <= 1) return;
    const where = cases[i].startsWith("line ") ? cases[i] : `case ${cases[i]}`;
    throw new BadFile(
      "bad-score",
      file,
      `${where}: ${p} is not a probability`,
      "Probabilities lie in [0, 1]; apply the sigmoid first.",
    );
  });
  const { resamples, seed, level, cluster, bins, binning } = options;
  if (bins !== undefined && bins < 1) throw new InvalidValue("--bins", "at least one bin is needed", bins);
  const withInterval = (value: MetricValue, statistic: ResampleStatistic): MetricValue => {
    const interval = bootstrap(scores.length, statistic, {
      resamples,
      seed,
      level,
      clusters: clusters ?? undefined,
      clusterName: cluster,
    });
    return interval ? { ...value, interval } : value;
  };
  const squares = scores.map((p, i) => (p - labels[i]) ** 2);
  return {
    metrics: [
      withInterval(ece(scores, labels, { bins, binning }), resampledEce(scores, labels, { bins, binning })),
      withInterval(brier(scores, labels), weightedMean(squares)),
    ],
    cases: reliability(scores, labels, { bins, binning }).map((entry, i) => ({ bin: i, ...entry })),
    comparison: null,
  };
}
