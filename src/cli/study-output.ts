import type { RunView } from "../study/index.js";
import { say, type Shell } from "./shell.js";

/** One line a run: its name, how it ended, how long it took and why it was done again. */
export function sayRuns(shell: Shell, runs: readonly RunView[]): void {
  const width = Math.max(0, ...runs.map(({ id }) => id.length));
  for (const { id, state, seconds, because = [], error } of runs) {
    const time = seconds === undefined ? "" : `${seconds.toFixed(1).padStart(7)} s`;
    const changed = because.map(({ ingredient }) => ingredient.replace(/^code /, ""));
    const why = state === "done" && changed.length > 0 ? `  changed: ${changed.slice(0, 3).join(", ")}${changed.length > 3 ? ` and ${changed.length - 3} more` : ""}` : "";
    say(shell, `  ${id.padEnd(width)}  ${state.padEnd(9)}${time}${why}${state === "failed" ? `  ${error}` : ""}`.trimEnd());
  }
}
