import { fileProgress, terminalProgress, type Progress, type ProgressStream } from "../core/index.js";

/** What a command may touch of the outside world; handed in, so that tests can look at it. */
export interface Shell {
  readonly stdout: ProgressStream;
  readonly stderr: ProgressStream;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Draws on stderr: a bar on a terminal, one line a task when piped. */
  readonly progress: Progress;
  /** Fires on Ctrl-C; a second Ctrl-C ends the process at once. */
  readonly signal: AbortSignal;
}

export function processShell(): Shell {
  const controller = new AbortController();
  process.on("SIGINT", () => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write("\nStopping after this step; press Ctrl-C again to stop at once.\n");
    controller.abort();
  });
  process.on("SIGTERM", () => controller.abort());
  // A reader such as `head` that has seen enough closes the pipe: not an error of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    env: process.env,
    // Where another process watches this one, it reads a file.
    progress: process.env.FOLIO_PROGRESS ? fileProgress(process.env.FOLIO_PROGRESS) : terminalProgress(process.stderr),
    signal: controller.signal,
  };
}

/** One line of output. */
export function say(shell: Shell, line = ""): void {
  shell.stdout.write(`${line}\n`);
}

/** The machine-readable answer of a command called with `--json`. */
export function sayJson(shell: Shell, value: unknown): void {
  say(shell, JSON.stringify(value, null, 2));
}
