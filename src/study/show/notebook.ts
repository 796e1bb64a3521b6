import { relative } from "node:path";
import { bundle, display, escapeHtml } from "../../kernel/display/index.js";
import type { RunState, RunView } from "../drive/view.js";
import { counts, detail, duration, tableLines } from "./lines.js";
import type { StudyDisplay } from "./terminal.js";

/**
 * A study's table in the output of a notebook's cell, kept up to date in its place, at most twice a second.
 * @example
 * const live = studyDisplay();
 * const study = await readStudy(root, "aespa-seeds");
 * await runStudy(study, { root, executor: "local", env: process.env, onChange: live.update, progress: live.progress, signal: interruptSignal() });
 * live.end((await buildStudyReport(study, { root, env: process.env, progress: live.progress })).html);
 */
export function studyDisplay(now: () => number = () => performance.now()): StudyDisplay {
  const started = now();
  const handle = display(bundle("The study begins."));
  let [drawn, activity] = [-Infinity, ""];
  let views: () => readonly RunView[] = () => [];
  const draw = (report?: string): void => {
    drawn = now();
    const [runs, seconds] = [views(), (now() - started) / 1000];
    handle.update(bundle([...tableLines(runs, { width: 120, height: 40, seconds, activity }), ...(report === undefined ? [] : [`Report: ${report}`])].join("\n"), { "text/html": html(runs, seconds, activity, report) }));
  };
  const drawSoon = (): void => {
    if (now() - drawn >= 500) draw();
  };
  return {
    update(table) {
      views = () => table.views;
      drawSoon();
    },
    progress: {
      begin: (task, total) => ({
        update(done) {
          activity = `${task} ${total === undefined ? done : `${done}/${total}`}`;
          drawSoon();
        },
        end() {
          activity = "";
          drawSoon();
        },
      }),
    },
    end: draw,
  };
}

const colours: Readonly<Partial<Record<RunState, string>>> = { done: "#2e8b4f", unchanged: "#2e8b4f", failed: "#d0443a", running: "#2f7fc4" };

function html(runs: readonly RunView[], seconds: number, activity: string, report: string | undefined): string {
  const done = runs.filter(({ state }) => state === "done" || state === "unchanged").length;
  const rows = runs.slice(0, 100).map((run) => `<tr><td style="text-align:left">${escapeHtml(run.id)}</td><td style="text-align:left;color:${colours[run.state] ?? "inherit"}">${run.state}</td><td style="text-align:left">${escapeHtml(detail(run))}</td></tr>`);
  const rest = runs.length > 100 ? `<p>… and ${runs.length - 100} more</p>` : "";
  // Jupyter serves files by their paths below where it was started, and opens others as files.
  const link = report === undefined ? "" : `<p>Report: <a href="${escapeHtml(relative(process.cwd(), report))}" target="_blank">${escapeHtml(report)}</a></p>`;
  return `<label>${escapeHtml(counts(runs))} · ${duration(seconds)} <progress value="${done}" max="${runs.length}"></progress> ${escapeHtml(activity)}</label><table><thead><tr><th scope="col">Run</th><th scope="col">State</th><th scope="col">Where it stands</th></tr></thead><tbody>${rows.join("")}</tbody></table>${rest}${link}`;
}
