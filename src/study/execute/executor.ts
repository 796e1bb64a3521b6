import type { Resources } from "../file/study.js";

/** A run as an executor sees it: a folder with a `job.json`, and what it may use. */
export interface ExecutorJob {
  /** The run's id. */
  readonly id: string;
  readonly folder: string;
  readonly resources: Resources;
}

export interface JobStatus {
  readonly id: string;
  readonly state: "queued" | "running" | "ended";
  /** Of an ended job: what ended it, where the executor knows: `signal SIGKILL`, `NODE_FAIL`, `TIMEOUT`. */
  readonly reason?: string;
  /** Of an ended job: it can never run as it was asked for, so there is no use in trying again. */
  readonly hopeless?: true;
  /** The computer it runs on. */
  readonly where?: string;
}

/**
 * Where runs are carried out. An executor starts workers and sees them end; whether a run was done is for the run's
 * folder and the store to say. Every executor passes executor.cases.ts.
 */
export interface Executor {
  readonly name: "local" | "slurm" | "simulated";
  /**
   * Hands over jobs and returns when they are accepted. One that an earlier driver handed over and that is still there
   * is taken up again instead of being started twice.
   * @throws ExecutorUnavailable when it cannot work at all, CannotRun when a job can never be carried out here
   */
  submit(jobs: readonly ExecutorJob[]): Promise<void>;
  /** Waits until something has happened, or a while, and tells which jobs stand differently than at the last call. */
  poll(signal?: AbortSignal): Promise<readonly JobStatus[]>;
  /** Asks jobs to save their state and end; they do so in their own time. */
  cancel(ids: readonly string[]): Promise<void>;
  /** When the driver goes: `stop` the jobs, or `leave` them where they can go on without it. */
  readonly onDetach: "stop" | "leave";
  close(): Promise<void>;
}
