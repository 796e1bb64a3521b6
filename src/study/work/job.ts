import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ingredients } from "../../cache/index.js";
import { writeJsonAtomic } from "../../core/index.js";
import type { Run } from "../file/study.js";

/** What a worker is told: `job.json` in the run's folder. */
export interface Job {
  readonly schema: "folio.job/1";
  readonly study: string;
  readonly run: Run;
  readonly key: string;
  readonly ingredients: Ingredients;
  /** The project. */
  readonly root: string;
  /** Of the content-addressed store. */
  readonly store: string;
  /** Folder with the run's data, where it has any. */
  readonly data?: string;
}

/** How an attempt ended, as the worker saw it: `outcome.json`. A worker that was killed leaves none. */
export type Outcome =
  | { readonly state: "done"; readonly attempt: string; readonly seconds: number }
  | { readonly state: "interrupted"; readonly attempt: string; readonly seconds: number }
  | { readonly state: "failed"; readonly attempt: string; readonly seconds: number; readonly error: string; /** It was asked for what cannot be: no use in trying again. */ readonly hopeless?: true };

/** Names inside a run's folder. */
export const place = {
  job: "job.json",
  outcome: "outcome.json",
  attempts: "attempts.jsonl",
  progress: "progress.json",
  log: "log.txt",
  lock: "lock",
  child: "child.json",
  /** Result records of the running attempt. */
  records: "records",
  /** Checkpoints; kept between attempts. */
  work: "work",
  notebook: "executed.ipynb",
} as const;

/** Plain, not flushed: a job that a power cut lost is written again by the next driver. */
export const writeJob = (folder: string, job: Job): Promise<void> => writeFile(join(folder, place.job), `${JSON.stringify(job)}\n`);

export const readJob = async (folder: string): Promise<Job> => JSON.parse(await readFile(join(folder, place.job), "utf8")) as Job;

export const writeOutcome = (folder: string, outcome: Outcome): Promise<void> => writeJsonAtomic(join(folder, place.outcome), outcome);

export async function readOutcome(folder: string): Promise<Outcome | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, place.outcome), "utf8")) as Outcome;
  } catch {
    return undefined;
  }
}

/** One line an event of an attempt, for people who look for what happened. */
export const noteAttempt = (folder: string, event: Readonly<Record<string, unknown>>): Promise<void> => appendFile(join(folder, place.attempts), `${JSON.stringify(event)}\n`);
