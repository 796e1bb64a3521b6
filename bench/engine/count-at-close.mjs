// node --import ./bench/engine/count-at-close.mjs dist/cli/main.js train …: writes what the engine `ort` counted to file descriptor 3
// when it is closed. FOLIO_COUNT_SECONDS stops the process as Ctrl-C does, so long after the first run. For methods.mjs.
import { writeSync } from "node:fs";
import { importCommonJs } from "../../dist/engine/tfjs.js";
import { LazyBackend } from "../../dist/engine/ort/lazy-backend.js";

const tf = await importCommonJs(import("@tensorflow/tfjs"));
const engine = tf.engine();
const { removeBackend } = engine;
const seconds = process.env.FOLIO_COUNT_SECONDS;
const { run } = LazyBackend.prototype;
let started = false;
LazyBackend.prototype.run = function (...given) {
  if (!started && seconds) setTimeout(() => process.kill(process.pid, "SIGINT"), 1000 * Number(seconds)).unref();
  started = true;
  return run.apply(this, given);
};
engine.removeBackend = function (name) {
  const backend = name === "ort" ? engine.findBackend(name) : undefined;
  if (backend) {
    const { counters, elsewhere, recordedSteps } = backend;
    writeSync(3, `${JSON.stringify({ ...counters, elsewhere: Object.fromEntries(elsewhere), recorded: Object.fromEntries(recordedSteps) })}\n`);
  }
  return removeBackend.call(this, name);
};
