/**
 * How long work tells that it goes on. Library code takes a `Progress` and never prints;
 * the command line hands in a bar, a notebook a live display, a test nothing.
 */
export interface Progress {
  /** Begins a task of `total` steps (unknown when undefined). */
  begin(task: string, total?: number): ProgressTask;
}

export interface ProgressTask {
  /** `done` steps of the total are behind us; `note` is a short live figure such as "loss 1.24". */
  update(done: number, note?: string): void;
  end(note?: string): void;
}

const ignore = (): void => {};

export const silent: Progress = { begin: () => ({ update: ignore, end: ignore }) };

export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/**
 * One updating line per task on a terminal; when the stream is piped, one plain line when a task ends.
 * @param now the clock in milliseconds, passed in for tests
 */
export function terminalProgress(stream: ProgressStream, now: () => number = Date.now): Progress {
  const live = stream.isTTY === true;
  return {
    begin(task, total) {
      const started = now();
      let drawn = -Infinity;
      const seconds = (): string => `${((now() - started) / 1000).toFixed(1)} s`;
      return {
        update(done, note = "") {
          if (!live || now() - drawn < 80) return;
          drawn = now();
          const line = `${task} ${bar(done, total)} ${note}`;
          stream.write(`\r\u001b[2K${line.slice(0, (stream.columns ?? 80) - 1)}`);
        },
        end(note = "") {
          stream.write(`${live ? "\r\u001b[2K" : ""}${task}: ${note && `${note}, `}${seconds()}\n`);
        },
      };
    },
  };
}

function bar(done: number, total: number | undefined): string {
  if (total === undefined || total <= 0) return `${done}`;
  const width = 24;
  const full = Math.round((Math.min(done, total) / total) * width);
  return `${"━".repeat(full)}${"─".repeat(width - full)} ${done}/${total}`;
}
