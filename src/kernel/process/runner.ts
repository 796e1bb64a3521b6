// The process that runs the cells of one notebook, driven over Node's own message channel.
import type { CellResult } from "../execute/events.js";
import { Executor } from "../execute/executor.js";
import { findTsconfig } from "../modules/tsconfig.js";
import { registerModuleHooks } from "../modules/register.js";
import { openCommChannel, type CommReceiver } from "../display/comm.js";
import { coalesce } from "./coalesce.js";
import type { FromRunner, ToRunner } from "./messages.js";
import { installPrompt } from "./prompt.js";

const send = (message: FromRunner): void => void process.send?.(message);
const output = coalesce((event) => send({ kind: "event", event }));
let executor: Executor | undefined;
let comms: CommReceiver | undefined;
/** The cell that has not been answered for. */
let running: { readonly count: number; readonly abort: AbortController } | undefined;

process.on("message", (message: ToRunner) => receive(message));
process.on("disconnect", () => process.exit(0));
process.on("exit", output.flush);
process.on("SIGINT", () => {}); // Ctrl-C on the terminal reaches the whole group; the driver decides what it means.

function receive(message: ToRunner): void {
  switch (message.kind) {
    case "open":
      open(message.folder);
      return;
    case "run":
      void run(message.count, message.source);
      return;
    case "interrupt":
      send({ kind: "heard" });
      running?.abort.abort();
      return;
    case "abandon":
      if (running?.count === message.count) answer({ status: "error", cell: message.count, error: interrupted });
      return;
    case "names":
      send({ kind: "names", id: message.id, names: executor?.scope.namesOf(message.path) ?? [] });
      return;
    case "comm":
      comms?.receive(message.message);
      return;
    case "close":
      // One turn of the loop first, so that rejections of the last cell are still told.
      setImmediate(() => {
        output.flush();
        executor?.close();
        process.disconnect();
      });
      return;
    default:
  }
}

const interrupted = {
  ename: "Interrupted",
  evalue: "The cell was stopped.",
  traceback: ["Interrupted: The cell was stopped."],
  frames: [],
};

function open(folder: string): void {
  process.chdir(folder);
  registerModuleHooks();
  const own = new Executor({ folder, legacyDecorators: findTsconfig(folder).legacyDecorators, emit: output.emit });
  executor = own;
  installPrompt((prompt, password) => {
    output.flush();
    send({ kind: "input", cell: own.cell, prompt, password });
  });
  comms = openCommChannel((message) => {
    output.flush();
    send({ kind: "comm", cell: own.cell, message });
  });
  send({ kind: "ready" });
}

async function run(count: number, source: string): Promise<void> {
  const abort = new AbortController();
  running = { count, abort };
  const result = await executor?.run(source, { count, signal: abort.signal });
  if (result !== undefined && running?.count === count) answer(result);
}

function answer(result: CellResult): void {
  running = undefined;
  output.flush();
  send({ kind: "result", result });
}
