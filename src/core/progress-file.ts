import { renameSync, writeFileSync } from "node:fs";
import type { Progress } from "./progress.js";

/** Where a long task in another process stands. */
export interface ProgressReport {
  readonly task: string;
  readonly done: number;
  readonly total?: number;
  /** Such as `epoch 3/40, loss 1.243`. */
  readonly note: string;
  /** Of this task until now, by a clock that does not jump. */
  readonly seconds: number;
  /** Losses seen in the notes, oldest first, at most {@link keptLosses}. */
  readonly losses: readonly number[];
}

const keptLosses = 60;

/**
 * A progress that keeps one small JSON file up to date, for a reader in another process; at most twice a second.
 * A full disk or a folder that is gone loses the report, never the work.
 * @param now a clock in milliseconds
 */
export function fileProgress(path: string, now: () => number = () => performance.now()): Progress {
  return {
    begin(task, total) {
      const started = now();
      let written = -Infinity;
      let losses: readonly number[] = [];
      const write = (done: number, note: string, always: boolean): void => {
        const loss = Number(/loss (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/.exec(note)?.[1]);
        if (Number.isFinite(loss) && loss !== losses.at(-1)) losses = [...losses, loss].slice(-keptLosses);
        if (!always && now() - written < 500) return;
        written = now();
        const report: ProgressReport = { task, done, ...(total !== undefined && { total }), note, seconds: (now() - started) / 1000, losses };
        try {
          writeFileSync(`${path}.tmp`, JSON.stringify(report));
          renameSync(`${path}.tmp`, path);
        } catch {
          // The reader keeps the last report it saw.
        }
      };
      write(0, "", true);
      return { update: (done, note = "") => write(done, note, false), end: (note = "") => write(total ?? 0, note, true) };
    },
  };
}
