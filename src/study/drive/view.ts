import type { Change } from "../../cache/index.js";
import type { ProgressReport } from "../../core/index.js";

export type RunState =
  /** Not handed over yet: its data are being made, or its key is being worked out. */
  | "planned"
  | "queued"
  | "running"
  | "done"
  /** Done before, with the same key. */
  | "unchanged"
  | "failed"
  /** By the user; the study goes on from what was saved. */
  | "stopped";

/** Where a run stands, for tables on a terminal, in a notebook and as JSON. */
export interface RunView {
  readonly id: string;
  readonly state: RunState;
  /** Attempts of this driver that failed or were killed; interruptions do not count. */
  readonly failures: number;
  /** Of the work, where it is done. */
  readonly seconds?: number;
  readonly error?: string;
  readonly where?: string;
  /** Where it is worked on, with its log. */
  readonly folder?: string;
  readonly progress?: ProgressReport;
  /** What changed since it was last done; empty on the first time. */
  readonly because?: readonly Change[];
}

export const isOver = ({ state }: RunView): boolean => state === "done" || state === "unchanged" || state === "failed" || state === "stopped";
