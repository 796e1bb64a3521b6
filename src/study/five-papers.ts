import { join } from "node:path";
import type { Progress } from "../core/index.js";
import { readReportConfig } from "../report/index.js";
import { readRecords, type ResultRecord } from "../results/index.js";
import { readStudy } from "./file/read.js";
import type { OnChange } from "./drive/run-table.js";
import type { RunView } from "./drive/view.js";
import { requireComplete } from "./incomplete.js";
import { buildStudyReport, type StudyReport } from "./report.js";
import { runStudy } from "./run-study.js";

export interface FivePapersOptions {
  /** The checkout: `notebooks/`, `reports/`, `data/` and `results/` lie in it. */
  readonly root: string;
  readonly preset: "quick" | "small";
  readonly seed: number;
  readonly cores?: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
  readonly onChange: OnChange;
  readonly signal?: AbortSignal;
}

export interface FivePapersOutcome {
  readonly runs: readonly RunView[];
  readonly report: StudyReport;
  /** The records of the methods and baselines that the report names; ablations are left to the report. */
  readonly records: readonly ResultRecord[];
}

/**
 * From nothing to the report: sample data, every notebook from top to bottom, HTML and PDF.
 * What is already there and still true is left alone. A notebook that fails does not keep the others, and is named in the report.
 */
export async function buildFivePapers({ root, preset, seed, ...options }: FivePapersOptions): Promise<FivePapersOutcome> {
  const study = await readStudy(root, "five-papers", { preset, seed });
  const { runs, results } = await runStudy(study, { root, executor: "local", ...options });
  if (options.signal?.aborted) requireComplete(study.name, runs);
  const report = await buildStudyReport(study, { root, ...options });
  return { runs, report, records: await mainRecords(results, join(root, "reports", "five-papers")) };
}

async function mainRecords(results: string, folder: string): Promise<ResultRecord[]> {
  const [records, { series }] = await Promise.all([readRecords(results), readReportConfig(folder)]);
  return series.filter(({ role }) => role !== "ablation").flatMap(({ method, variant }) => records.filter((record) => record.method === method && record.variant === variant));
}
