import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { tryLock } from "../../cache/index.js";
import { writeFileAtomic, writeJsonAtomic, type ProgressReport } from "../../core/index.js";
import { place, readOutcome } from "../work/job.js";
import type { RunTable } from "./run-table.js";
import { isOver, type RunView } from "./view.js";

const statusFile = (root: string, study: string): string => join(root, "runs", study, "status.json");
const cancelFile = (root: string, study: string): string => join(root, "runs", study, "cancelled");

/** Keeps `runs/<study>/status.json` up to date for other processes, at most once a second. */
export function statusWriter(root: string, study: string): { update(table: RunTable): void; end(views: readonly RunView[]): Promise<void> } {
  let [written, writing] = [-Infinity, Promise.resolve()];
  const write = (views: readonly RunView[]): void => {
    writing = writing.then(() => writeJsonAtomic(statusFile(root, study), { runs: views })).catch(() => {}); // A full disk costs the status, not the study.
  };
  return {
    update(table) {
      if (performance.now() - written < 1000) return;
      written = performance.now();
      write(table.views);
    },
    async end(views) {
      write(views);
      await writing;
    },
  };
}

export interface StudyStatus {
  readonly runs: readonly RunView[];
  /** Whether a process is looking after the study right now. */
  readonly driven: boolean;
}

/** Where a study stands, seen from another process; undefined when it was never run. */
export async function readStatus(root: string, study: string): Promise<StudyStatus | undefined> {
  const text = await readFile(statusFile(root, study), "utf8").catch(() => undefined);
  const lock = await tryLock(join(root, "runs", study, "driver.lock"));
  await lock?.release();
  if (text === undefined) return lock === undefined ? { runs: [], driven: true } : undefined;
  const { runs } = JSON.parse(text) as { runs: readonly RunView[] };
  return { runs: await Promise.all(runs.map(refreshed)), driven: lock === undefined };
}

/** What a run's own folder says, where nobody has looked at it since. */
async function refreshed(view: RunView): Promise<RunView> {
  if (isOver(view) || view.folder === undefined) return view;
  const [outcome, progress] = await Promise.all([readOutcome(view.folder), readFile(join(view.folder, place.progress), "utf8").catch(() => undefined)]);
  if (outcome?.state === "done") return { ...view, state: "done", seconds: outcome.seconds };
  if (outcome?.state === "interrupted") return { ...view, state: "stopped" };
  return { ...view, ...(progress !== undefined && view.state === "running" && { progress: JSON.parse(progress) as ProgressReport }) };
}

/** Asks whoever runs the study to stop its runs; they save their state. */
export const requestCancel = (root: string, study: string): Promise<void> => writeFileAtomic(cancelFile(root, study), "");

export const clearCancel = (root: string, study: string): Promise<void> => rm(cancelFile(root, study), { force: true });

export const isCancelled = (root: string, study: string): Promise<boolean> => stat(cancelFile(root, study)).then(() => true, () => false); // prettier-ignore
