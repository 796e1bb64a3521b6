import { FolioError } from "../../core/index.js";

/** This executor cannot work here. */
export class ExecutorUnavailable extends FolioError {
  readonly code = "executor-unavailable";
  override readonly exitCode = 2;
  constructor(
    readonly executor: string,
    readonly why: string,
    readonly remedy: string,
  ) {
    super(`${executor}: ${why}. ${remedy}`);
  }
}

/** Runs ask for more than there is. */
export class CannotRun extends FolioError {
  readonly code = "cannot-run";
  constructor(
    readonly ids: readonly string[],
    readonly wants: string,
    readonly have: string,
  ) {
    super(`asks for ${wants}: ${have}. Lower the resources in the study file, or use another executor.`);
  }
}
