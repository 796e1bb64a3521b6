import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, writeJsonAtomic } from "../core/index.js";

/** What became of every run that a study planned, so that a report can show what its records cannot: what is missing. */
export interface StudyOutcome {
  readonly schema: "folio.study/1";
  readonly study: string;
  readonly title: string;
  readonly runs: readonly RunOutcome[];
}

export interface RunOutcome {
  readonly id: string;
  /** The method, notebook or program. */
  readonly work: string;
  readonly variant?: string;
  readonly dataset?: string;
  readonly preset: string;
  readonly seed: number;
  readonly fold?: number;
  /** `missing`: planned, but not done yet or stopped. */
  readonly state: "done" | "failed" | "missing";
  readonly error?: string;
  /** Ids of the result records it gave. */
  readonly records: readonly string[];
}

/** Beside the records, where readRecords does not take it for one. */
const pathOf = (results: string): string => join(results, "study", "runs.json");

export async function writeStudyOutcome(results: string, outcome: StudyOutcome): Promise<void> {
  await writeJsonAtomic(pathOf(results), outcome);
}

/**
 * The outcome of the study that a folder of records comes from; undefined where they come from none.
 * @throws BadFile when the file is not one
 */
export async function readStudyOutcome(results: string): Promise<StudyOutcome | undefined> {
  const path = pathOf(results);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const outcome = JSON.parse(text) as StudyOutcome;
    if (outcome.schema !== "folio.study/1" || !Array.isArray(outcome.runs)) throw new SyntaxError("another schema");
    return outcome;
  } catch (cause) {
    throw new BadFile("bad-json", path, "is not the outcome of a study", "Run the study again with folio study run.", { cause });
  }
}

/** Runs of the same work, variant, data and preset as those that gave these records – other seeds or folds of them – that are not done. */
export function missingSiblings({ runs }: StudyOutcome, records: readonly string[]): RunOutcome[] {
  const kindOf = ({ work, variant, dataset, preset }: RunOutcome): string => JSON.stringify([work, variant, dataset, preset]);
  const kinds = new Set(runs.filter((run) => run.records.some((id) => records.includes(id))).map(kindOf));
  return runs.filter((run) => run.state !== "done" && kinds.has(kindOf(run)));
}

/** `aespa-lidc-quick-seed3 failed: out of memory` */
export const runProblem = ({ id, state, error }: RunOutcome): string => (state === "failed" ? `${id} failed${error === undefined ? "" : `: ${error}`}` : `${id} has not been run`);
