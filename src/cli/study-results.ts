import type { Command } from "commander";
import { join } from "node:path";
import type { ResultRow } from "../study/index.js";
import { say, sayJson, type Shell } from "./shell.js";

interface ResultsOptions {
  readonly metrics?: string;
  readonly groups?: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** `folio study results NAME` */
export function addStudyResults(study: Command, shell: Shell): void {
  study
    .command("results")
    .description("The study's numbers: mean and spread over seeds, the interval over test cases apart from it, and which runs are missing.")
    .argument("<name>", "a folder below reports/ with a study.yaml")
    .option("--metrics <names>", "only these, separated by commas")
    .option("--groups", "also the values of smaller groups")
    .option("--csv", "print it as CSV")
    .option("--json", "print it as JSON")
    .addHelpText("after", "\nExample:\n  folio study results aespa-seeds --metrics ged,dice_max --csv")
    .action((name: string, options: ResultsOptions) => resultsCommand(name, options, shell));
}

async function resultsCommand(name: string, { metrics, groups, csv, json }: ResultsOptions, shell: Shell): Promise<void> {
  const { packageRoot } = await import("../core/index.js");
  const { readRecords, readStudyOutcome, runProblem } = await import("../results/index.js");
  const { aggregate, readStudy } = await import("../study/index.js");
  const { results } = await readStudy(packageRoot, name);
  const folder = join(packageRoot, results);
  const [records, outcome] = await Promise.all([readRecords(folder), readStudyOutcome(folder)]);
  const ours = outcome === undefined ? records : records.filter(({ id }) => outcome.runs.some((run) => run.records.includes(id)));
  const rows = aggregate(ours, outcome, { metrics: metrics?.split(",").map((metric) => metric.trim()), groups: groups ? "all" : "overall" });
  const undone = outcome?.runs.filter(({ state }) => state !== "done") ?? [];
  if (json) return sayJson(shell, { rows, undone });
  if (csv) return sayCsv(shell, rows);
  if (rows.length === 0) say(shell, records.length === 0 ? `${name} has no results yet. Run it with: folio study run ${name}` : `No metric is called ${metrics}; there are ${[...new Set(records.flatMap((record) => record.metrics.map(({ id }) => id)))].join(", ")}.`);
  else sayTable(shell, rows);
  for (const run of undone) say(shell, `missing: ${runProblem(run)}`);
}

const number = (value: number): string => value.toFixed(3);
const groupText = (group: ResultRow["group"]): string => Object.entries(group).map(([key, value]) => `${key} ${value}`).join(", ");

function sayTable(shell: Shell, rows: readonly ResultRow[]): void {
  const spread = rows.some(({ over }) => over === "folds") ? "SD (folds)" : "SD (seeds)";
  const head = ["method", "variant", "metric", "mean", spread, "runs", "interval over test cases", "n", ""];
  const lines = rows.map(({ method, variant, metric, group, value, deviation, runs, missing, caseInterval, cases, generated }) => [
    method, variant, [metric, groupText(group)].filter(Boolean).join(", "),
    value === null ? "–" : number(value),
    deviation === undefined ? "–" : number(deviation),
    missing.length > 0 ? `${runs} of ${runs + missing.length}` : String(runs),
    caseInterval === undefined ? "–" : `[${number(caseInterval.low)}, ${number(caseInterval.high)}]`,
    String(cases), generated ? "generated data" : "",
  ]);
  const widths = head.map((text, i) => Math.max(text.length, ...lines.map((line) => line[i].length)));
  for (const line of [head, ...lines]) say(shell, line.map((text, i) => text.padEnd(widths[i])).join("  ").trimEnd());
  if (rows.some(({ runs, caseInterval }) => runs > 1 && caseInterval !== undefined)) say(shell, "\nThe interval over test cases is that of a typical run: its bounds are averaged over the runs. It says nothing about retraining, the SD nothing about other cases.");
}

function sayCsv(shell: Shell, rows: readonly ResultRow[]): void {
  const field = (value: string | number | undefined | null): string => {
    const text = String(value ?? "");
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  say(shell, "method,variant,dataset,preset,metric,group,mean,sd,sd_over,runs,missing_runs,case_interval_low,case_interval_high,n,generated");
  for (const { method, variant, dataset, preset, metric, group, value, deviation, over, runs, missing, caseInterval, cases, generated } of rows)
    say(shell, [method, variant, dataset, preset, metric, groupText(group), value, deviation, over, runs, missing.join(" "), caseInterval?.low, caseInterval?.high, cases, String(generated)].map(field).join(","));
}
