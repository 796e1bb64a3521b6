import type { Change } from "../../cache/index.js";
import type { ProgressReport } from "../../core/index.js";
import type { RunState, RunView } from "../drive/view.js";

const bars = "▁▂▃▄▅▆▇█";

/** Numbers as a line of little bars, the lowest and the highest number at their ends. */
export function sparkline(values: readonly number[], width = 16): string {
  const shown = values.slice(-width);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  return shown.map((value) => bars[high > low ? Math.round(((value - low) / (high - low)) * (bars.length - 1)) : 0]).join("");
}

/** Seconds for people: 41 s, 3 min 20 s, 2 h 05 min. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 100) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} min`;
}

/** How long the present task will still take if it goes on as it did; undefined until there is something to go by. */
export function remainingSeconds({ done, total, seconds }: ProgressReport): number | undefined {
  if (total === undefined || done <= 0 || done >= total || seconds < 1) return undefined;
  return (seconds / done) * (total - done);
}

export function counts(runs: readonly RunView[]): string {
  const number = (...states: RunState[]): number => runs.filter(({ state }) => states.includes(state)).length;
  const parts = [
    [number("done", "unchanged"), `of ${runs.length} done`],
    [number("running"), "running"],
    [number("queued", "planned"), "waiting"],
    [number("failed"), "failed"],
    [number("stopped"), "stopped"],
  ] as const;
  return parts.filter(([n], i) => i === 0 || n > 0).map(([n, text]) => `${n} ${text}`).join(" · ");
}

/** What is to be said of a run behind its name and state. */
export function detail(run: RunView): string {
  if (run.state === "failed") return run.error ?? "";
  if (run.state === "done") return `${duration(run.seconds ?? 0)}${becauseText(run.because)}`;
  if (run.state === "unchanged") return "same key as before";
  const { progress } = run;
  if (run.state !== "running" || progress === undefined) return run.failures > 0 ? `tried again after: ${run.error}` : "";
  const left = remainingSeconds(progress);
  const parts = [
    progress.total === undefined ? progress.task : `${progress.task} ${progress.done}/${progress.total}`,
    progress.note,
    progress.losses.length > 1 ? sparkline(progress.losses) : "",
    left === undefined ? "" : `${duration(left)} left`,
  ];
  return parts.filter(Boolean).join("  ");
}

/** ` (changed: src/nn/adam.ts, seed)`; nothing on the first time. */
export function becauseText(because: readonly Change[] = [], most = 3): string {
  if (because.length === 0) return "";
  const names = because.map(({ ingredient }) => ingredient.replace(/^code /, ""));
  return ` (changed: ${names.slice(0, most).join(", ")}${names.length > most ? ` and ${names.length - most} more` : ""})`;
}

const order: readonly RunState[] = ["running", "failed", "stopped", "queued", "planned", "done", "unchanged"];

/**
 * The table of a study as lines: a summary, then the runs. Where there are more than fit, those that run or failed come
 * first and the rest is counted.
 */
export function tableLines(runs: readonly RunView[], { width, height, seconds, activity = "" }: { width: number; height: number; seconds?: number; activity?: string }): string[] {
  const done = runs.filter(({ state }) => state === "done" || state === "unchanged").length;
  const full = runs.length === 0 ? 0 : Math.round((done / runs.length) * 24);
  const head = `${"━".repeat(full)}${"─".repeat(24 - full)} ${counts(runs)}${seconds === undefined ? "" : ` · ${duration(seconds)}`}${activity === "" ? "" : ` · ${activity}`}`;
  const room = Math.max(1, height - 2);
  const shown = runs.length <= room ? runs : [...runs].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state)).slice(0, room - 1);
  const names = Math.max(...shown.map(({ id }) => id.length), 0);
  const lines = shown.map((run) => `  ${run.id.padEnd(names)}  ${run.state.padEnd(9)}  ${detail(run)}`.trimEnd());
  const rest = runs.length - shown.length;
  return [head, ...lines, ...(rest > 0 ? [`  … and ${rest} more`] : [])].map((line) => clipped(line, width));
}

const clipped = (line: string, width: number): string => (line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`);
