import type { Progress } from "../../core/index.js";
import type { Run } from "../file/study.js";

/** Where and with what a run is performed. */
export interface Workplace {
  readonly root: string;
  /** The run's folder. */
  readonly folder: string;
  readonly data?: string;
  /** Where result records go. */
  readonly records: string;
  /** Kept between attempts: checkpoints. */
  readonly work: string;
  readonly progress: Progress;
  /** Environment for the processes that do the work. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Fires when the run is to stop; what can be saved is saved. */
  readonly signal: AbortSignal;
}

/**
 * Performs a run.
 * @returns files to keep besides the records, by their path in the store
 */
export type Perform = (run: Run, at: Workplace) => Promise<Readonly<Record<string, string>>>;
