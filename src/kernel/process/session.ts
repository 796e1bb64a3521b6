import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { FolioError } from "../../core/index.js";
import type { CellEvent, CellResult } from "../execute/events.js";
import type { FromRunner, ToRunner } from "./messages.js";

export class RunnerDied extends FolioError {
  readonly code = "runner-died";
  constructor(readonly exitCodeOfProcess: number | null, readonly signalOfProcess: string | null) {
    super(`The process that runs the notebook ended (${signalOfProcess === null ? `exit code ${exitCodeOfProcess}` : `signal ${signalOfProcess}`}). A cell that calls process.exit, or memory that ran out, does this.`);
  }
}

export interface SessionOptions {
  /** The notebook's folder: imports are resolved from it and it is the working directory. */
  readonly folder: string;
  readonly onEvent: (event: CellEvent) => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A fresh Node process that runs cells one after the other. */
export interface Session {
  /** @throws RunnerDied when the process ends before the cell does */
  run(source: string, count: number): Promise<CellResult>;
  /** Tells the running cell that it should stop; code that listens to the signal does. */
  interrupt(): void;
  kill(): void;
  /** Waits until everything the cells sent has arrived, then ends the process. */
  close(): Promise<void>;
}

/** Flags every process that runs cells is started with: native module resolution for cells is still called experimental. */
export const runnerFlags: readonly string[] = ["--disable-warning=ExperimentalWarning", "--no-force-async-hooks-checks"];

export async function openSession({ folder, onEvent, env = process.env }: SessionOptions): Promise<Session> {
  const child = fork(fileURLToPath(new URL("./runner.js", import.meta.url)), [], {
    execArgv: [...runnerFlags],
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...env },
  });
  let current = 0;
  let waiting: { resolve: (result: CellResult) => void; reject: (error: Error) => void } | undefined;
  let died: RunnerDied | undefined;
  let opened: { resolve: () => void; reject: (error: Error) => void } | undefined;
  const ready = new Promise<void>((resolve, reject) => (opened = { resolve, reject }));
  // What native libraries write does not pass through JavaScript's streams.
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => onEvent({ kind: "stream", cell: current, name, text }));
  }
  child.on("message", (message: FromRunner) => {
    if (message.kind === "event") onEvent(message.event);
    else if (message.kind === "ready") opened?.resolve();
    else waiting?.resolve(message.result);
  });
  const closed = once(child, "close");
  child.once("exit", (code, signal) => {
    died = new RunnerDied(code, signal);
    opened?.reject(died);
    void closed.then(() => waiting?.reject(died!));
  });
  const send = (message: ToRunner): void => {
    if (child.connected) child.send(message);
  };
  send({ kind: "open", folder });
  await ready;
  return {
    run(source, count) {
      current = count;
      if (died !== undefined) return Promise.reject(died);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        send({ kind: "run", count, source });
      });
    },
    interrupt: () => send({ kind: "interrupt" }),
    kill: () => void child.kill("SIGKILL"),
    async close() {
      waiting = undefined;
      send({ kind: "close" });
      await closed;
    },
  };
}
