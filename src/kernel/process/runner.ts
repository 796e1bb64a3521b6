// The process that runs the cells of one notebook, driven over Node's own message channel.
import { Executor } from "../execute/executor.js";
import { findTsconfig } from "../modules/tsconfig.js";
import { registerModuleHooks } from "../modules/register.js";
import { coalesce } from "./coalesce.js";
import type { FromRunner, ToRunner } from "./messages.js";

const send = (message: FromRunner, done?: () => void): void => void process.send?.(message, undefined, undefined, done);
const output = coalesce((event) => send({ kind: "event", event }));
let executor: Executor | undefined;
let running = new AbortController();

process.on("message", (message: ToRunner) => void receive(message));
process.on("disconnect", () => process.exit(0));
process.on("exit", output.flush);
process.on("SIGINT", () => {}); // Ctrl-C on the terminal reaches the whole group; the driver decides what it means.

async function receive(message: ToRunner): Promise<void> {
  switch (message.kind) {
    case "open":
      process.chdir(message.folder);
      registerModuleHooks();
      executor = new Executor({ folder: message.folder, legacyDecorators: findTsconfig(message.folder).legacyDecorators, emit: output.emit });
      send({ kind: "ready" });
      return;
    case "run": {
      running = new AbortController();
      const result = await executor?.run(message.source, { count: message.count, signal: running.signal });
      output.flush();
      if (result !== undefined) send({ kind: "result", result });
      return;
    }
    case "interrupt":
      running.abort();
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
