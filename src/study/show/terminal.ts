import type { Progress, ProgressStream } from "../../core/index.js";
import type { OnChange, RunTable } from "../drive/run-table.js";
import type { RunState, RunView } from "../drive/view.js";
import { detail, tableLines } from "./lines.js";

/** Shows a study while it runs. */
export interface StudyDisplay {
  readonly update: OnChange;
  /** For work of the driver itself, such as making sample data. */
  readonly progress: Progress;
  /** @param report the finished study's report as HTML, to be linked where links can be followed */
  end(report?: string): void;
}

/**
 * On a terminal, a table that is drawn anew in its place; when the stream is piped, one plain line whenever a run begins or ends.
 * @param now a clock in milliseconds that does not jump
 */
export function terminalDisplay(stream: ProgressStream & { readonly rows?: number }, now: () => number = () => performance.now()): StudyDisplay {
  return stream.isTTY === true ? liveTable(stream, now) : plainLines(stream);
}

function liveTable(stream: ProgressStream & { readonly rows?: number }, now: () => number): StudyDisplay {
  const started = now();
  let [drawn, height, activity] = [-Infinity, 0, ""];
  let latest: RunTable | undefined;
  const draw = (): void => {
    if (latest === undefined) return;
    drawn = now();
    const lines = tableLines(latest.views, { width: (stream.columns ?? 80) - 1, height: stream.rows ?? 24, seconds: (now() - started) / 1000, activity });
    const up = height > 0 ? `\u001b[${height}A` : "";
    stream.write(`${up}\u001b[0J${lines.join("\n")}\n`);
    height = lines.length;
  };
  const drawSoon = (): void => {
    if (now() - drawn >= 100) draw();
  };
  // Also when nothing is told: seconds pass.
  const timer = setInterval(draw, 1000);
  timer.unref();
  return {
    update(table) {
      latest = table;
      drawSoon();
    },
    progress: {
      begin: (task, total) => ({
        update(done, note = "") {
          activity = `${task} ${total === undefined ? done : `${done}/${total}`} ${note}`.trim();
          drawSoon();
        },
        end() {
          activity = "";
          drawSoon();
        },
      }),
    },
    end() {
      clearInterval(timer);
      draw();
    },
  };
}

const worthALine: readonly RunState[] = ["running", "done", "failed", "unchanged"];

function plainLines(stream: ProgressStream): StudyDisplay {
  const told = new Map<string, string>();
  const line = (run: RunView): string => {
    if (run.state !== "running") return `${run.id}: ${run.state}${detail(run) === "" ? "" : `, ${detail(run)}`}\n`;
    return `${run.id}: ${run.failures > 0 ? `tried again after: ${run.error}` : "begins"}\n`;
  };
  return {
    update(_, run) {
      const sign = `${run.state} ${run.failures}`;
      if (!worthALine.includes(run.state) || told.get(run.id) === sign) return;
      told.set(run.id, sign);
      stream.write(line(run));
    },
    progress: {
      begin: (task) => ({
        update() {},
        end: (note = "") => stream.write(`${task}${note === "" ? "" : `: ${note}`}\n`),
      }),
    },
    end() {},
  };
}
