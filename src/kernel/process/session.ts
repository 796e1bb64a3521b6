import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { FolioError } from "../../core/index.js";
import type { CommMessage } from "../display/comm.js";
import type { CellEvent, CellResult } from "../execute/events.js";
import { attachInspector, pause, type Inspector } from "./inspector.js";
import { interruptCell } from "./interrupt.js";
import type { FromRunner, ToRunner } from "./messages.js";
import { refusal } from "./prompt.js";

export class RunnerDied extends FolioError {
  readonly code = "runner-died";
  constructor(
    readonly exitCodeOfProcess: number | null,
    readonly signalOfProcess: string | null,
  ) {
    const how = signalOfProcess === null ? `exit code ${exitCodeOfProcess}` : `signal ${signalOfProcess}`;
    super(
      `The process that runs the notebook ended (${how}). A cell that calls process.exit, or memory that ran out, does this.`,
    );
  }
}

export interface SessionOptions {
  /** The notebook's folder: imports are resolved from it and it is the working directory. */
  readonly folder: string;
  readonly onEvent: (event: CellEvent) => void;
  /** Answers `prompt()`; without it there is nobody to ask. */
  readonly onInput?: (question: {
    readonly cell: number;
    readonly prompt: string;
    readonly password: boolean;
  }) => Promise<string>;
  readonly onComm?: (message: CommMessage, cell: number) => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A fresh Node process that runs cells one after the other. */
export interface Session {
  /** @throws RunnerDied when the process ends before the cell does */
  run(source: string, count: number): Promise<CellResult>;
  /** Stops the running cell, by asking first; resolves when it has ended. Does nothing when none runs. */
  interrupt(): Promise<void>;
  comm(message: CommMessage): void;
  /** The names that a value of the notebook has, by the path to it; none when the process is too busy to answer. */
  names(path: readonly string[]): Promise<readonly string[]>;
  attach(): Promise<Inspector>;
  kill(): void;
  /** Waits until everything the cells sent has arrived, then ends the process. */
  close(): Promise<void>;
  readonly pid: number | undefined;
}

/** Native module resolution for cells is still called experimental, and a cell stopped inside a timer must not end the process. */
export const runnerFlags: readonly string[] = [
  "--disable-warning=ExperimentalWarning",
  "--no-force-async-hooks-checks",
  "--inspect-port=127.0.0.1:0",
];

/** How long the names of a value are waited for. */
const namesMs = 600;

interface Waiting {
  readonly count: number;
  readonly resolve: (result: CellResult) => void;
  readonly reject: (error: Error) => void;
}

export async function openSession(options: SessionOptions): Promise<Session> {
  const { folder, onEvent, onInput = nobody, onComm, env = process.env } = options;
  const child = fork(fileURLToPath(new URL("./runner.js", import.meta.url)), [], {
    execArgv: [...runnerFlags],
    serialization: "advanced",
    stdio: ["pipe", "pipe", "pipe", "ipc"],
    env: { ...env },
  });
  let current = 0;
  let waiting: Waiting | undefined;
  let died: RunnerDied | undefined;
  let opened: { resolve: () => void; reject: (error: Error) => void } | undefined;
  let heard = (): void => {};
  const ready = new Promise<void>((resolve, reject) => (opened = { resolve, reject }));
  const inspectors = new Set<Inspector>();
  const debuggerUrl = captureNativeOutput(
    child,
    (name, text) => onEvent({ kind: "stream", cell: current, name, text }),
    () => inspectors.forEach((inspector) => inspector.close()),
  );
  child.stdin?.on("error", () => {}); // Writing an answer to a process that has ended is no news.
  const asked = new Map<number, (names: readonly string[]) => void>();
  let questions = 0;
  let asking = false;
  const reply = (line: string): void => {
    if (asking) child.stdin?.write(`${line}\n`);
    asking = false;
  };
  const settle = (): Waiting | undefined => {
    const done = waiting;
    waiting = undefined;
    return done;
  };
  child.on("message", (message: FromRunner) => {
    switch (message.kind) {
      case "event":
        return onEvent(message.event);
      case "ready":
        return opened?.resolve();
      case "heard":
        return heard();
      case "names":
        asked.get(message.id)?.(message.names);
        return void asked.delete(message.id);
      case "result":
        return message.result.cell === waiting?.count ? settle()?.resolve(message.result) : undefined;
      case "comm":
        return onComm?.(message.message, message.cell);
      default:
        asking = true;
        void onInput(message).then(
          (line) => reply(line.replaceAll("\n", " ")),
          (error: unknown) => reply(`${refusal}${error instanceof Error ? error.message : ""}`),
        );
    }
  });
  const closed = once(child, "close");
  child.once("exit", (code, signal) => {
    died = new RunnerDied(code, signal);
    opened?.reject(died);
    void closed.then(() => settle()?.reject(died!));
  });
  const send = (message: ToRunner): void => {
    if (child.connected) child.send(message);
  };
  const attach = async (): Promise<Inspector> => {
    const inspector = await attachInspector(child, debuggerUrl);
    inspectors.add(inspector);
    return {
      ...inspector,
      close() {
        inspectors.delete(inspector);
        inspector.close();
      },
    };
  };
  ready.catch(() => {}); // Told to whoever runs a cell.
  send({ kind: "open", folder });
  await ready;
  let stopping: Promise<void> | undefined;
  return {
    pid: child.pid,
    async run(source, count) {
      await stopping;
      current = count;
      if (died !== undefined) throw died;
      return new Promise((resolve, reject) => {
        waiting = { count, resolve, reject };
        send({ kind: "run", count, source });
      });
    },
    interrupt() {
      const cell = waiting;
      if (cell === undefined) return Promise.resolve();
      stopping ??= interruptCell({
        running: () => waiting === cell,
        ask: () =>
          new Promise((resolve) => {
            heard = resolve;
            reply(`${refusal}Interrupted while waiting for input.`);
            send({ kind: "interrupt" });
          }),
        abandon: () => send({ kind: "abandon", count: cell.count }),
        attach,
        kill: () => void child.kill("SIGKILL"),
      }).finally(() => (stopping = undefined));
      return stopping;
    },
    comm: (message) => send({ kind: "comm", message }),
    names(path) {
      const id = questions++;
      const answer = new Promise<readonly string[]>((resolve) => asked.set(id, resolve));
      send({ kind: "names", id, path });
      return Promise.race([answer, pause(namesMs).then(() => [])]);
    },
    attach,
    kill: () => void child.kill("SIGKILL"),
    async close() {
      waiting = undefined;
      send({ kind: "close" });
      await closed;
    },
  };
}

const nobody = (): Promise<string> => Promise.reject(new Error("No one can answer here: the notebook runs by itself."));

/**
 * Passes on what native code writes; Node's own note on where its inspector listens is kept and returned by the getter.
 * @param onEnding the process would end, but waits until no inspector is connected
 */
function captureNativeOutput(
  child: ChildProcess,
  write: (name: "stdout" | "stderr", text: string) => void,
  onEnding: () => void,
): () => string | undefined {
  let url: string | undefined;
  child.stdout?.setEncoding("utf8").on("data", (text: string) => write("stdout", text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    url = /^Debugger listening on (ws:\S+)/m.exec(text)?.[1] ?? url;
    if (/^Waiting for the debugger to disconnect/m.test(text)) onEnding();
    const rest = text.replaceAll(
      /^(Debugger listening on ws:|For help, see: https:\/\/nodejs.org\/\S*inspector|Debugger attached|Debugger ending on ws:|Waiting for the debugger to disconnect).*\n?/gm,
      "",
    );
    if (rest !== "") write("stderr", rest);
  });
  return () => url;
}
