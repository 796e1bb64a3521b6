import type { Progress } from "../../core/index.js";
import { bundle, type MimeBundle } from "./bundle.js";
import { display } from "./display.js";
import { escapeHtml } from "./html.js";

/**
 * A {@link Progress} that draws one output a task and updates it in place, at most ten times a second.
 * @param now the clock in milliseconds, passed in for tests
 * @example await train({ progress: displayProgress() })
 */
export function displayProgress(now: () => number = Date.now): Progress {
  return {
    begin(task, total) {
      const started = now();
      let drawn = -Infinity;
      const handle = display(bar(task, 0, total, ""));
      return {
        update(done, note = "") {
          if (now() - drawn < 100) return;
          drawn = now();
          handle.update(bar(task, done, total, note));
        },
        end(note = "") {
          const seconds = ((now() - started) / 1000).toFixed(1);
          handle.update(bundle(`${task}: ${note && `${note}, `}${seconds} s`));
        },
      };
    },
  };
}

function bar(task: string, done: number, total: number | undefined, note: string): MimeBundle {
  const count = total === undefined ? String(done) : `${done}/${total}`;
  const extent = total === undefined ? "" : ` value="${done}" max="${total}"`;
  return bundle(`${task} ${count} ${note}`.trimEnd(), {
    "text/html": `<label>${escapeHtml(task)} <progress${extent}></progress> ${escapeHtml(`${count} ${note}`)}</label>`,
  });
}
