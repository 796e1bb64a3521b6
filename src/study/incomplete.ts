import { FolioError } from "../core/index.js";
import { isOver, type RunView } from "./drive/view.js";

/** A study ended, or was left, with runs that are not done. */
export class StudyIncomplete extends FolioError {
  readonly code = "study-incomplete";
  constructor(
    readonly study: string,
    readonly failed: readonly string[],
    readonly left: readonly string[],
    message: string,
  ) {
    super(message);
  }
}

/**
 * @param onDetach whether runs that are not over go on without this process
 * @throws StudyIncomplete when not every run is done; the others' results are kept
 */
export function requireComplete(study: string, runs: readonly RunView[], onDetach: "stop" | "leave" = "stop"): void {
  const failed = runs.filter(({ state }) => state === "failed");
  const left = runs.filter((run) => !isOver(run) || run.state === "stopped");
  if (failed.length + left.length === 0) return;
  const [first] = failed;
  const because = first === undefined ? "" : ` ${first.id}: ${first.error?.replace(/\.?$/, ".")}${first.folder === undefined ? "" : ` Its log: ${first.folder}/log.txt.`}`;
  const leftover = left.length === 0 ? "" : onDetach === "leave" ? ` ${left.length} go on without this command; folio study resume ${study} watches them again.` : ` ${left.length} are stopped; folio study resume ${study} goes on from what they saved.`;
  const count = failed.length === 0 ? "" : ` ${failed.length} of ${runs.length} runs failed.`;
  throw new StudyIncomplete(study, failed.map(({ id }) => id), left.map(({ id }) => id), `study ${study}:${count}${because}${leftover}`);
}
