import { resolve } from "node:path";
import type { ResultRecord } from "../results/index.js";
import type { EvaluateOptions } from "./method-options.js";
import { say, sayJson, type Shell } from "./shell.js";

/** Writes what was measured where `--results` says, and prints it: every value as JSON, or the method's own summary. */
export async function keepRecords(records: readonly ResultRecord[], { results, json }: EvaluateOptions, shell: Shell, summary: (shell: Shell, records: readonly ResultRecord[]) => void): Promise<void> {
  const { writeRecord } = await import("../results/index.js");
  const paths: string[] = [];
  for (const record of results === undefined ? [] : records) paths.push(await writeRecord(resolve(shell.cwd, results!), record));
  if (json) return sayJson(shell, { records: paths, variants: records.map(({ variant, metrics }) => ({ variant, metrics })) });
  summary(shell, records);
  if (paths.length > 0) say(shell, `${paths.length} result ${paths.length === 1 ? "record" : "records"} in ${results}`);
}
