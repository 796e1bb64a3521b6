// node --import ./bench/engine/count-at-close.mjs dist/cli/main.js train …: writes what the engine `ort` counted to file descriptor 3
// when it is closed, with the processor time of a run and what led to it, over the later half of the runs. For methods.mjs.
import { writeSync } from "node:fs";
import { importCommonJs } from "../../dist/engine/tfjs.js";
import { LazyBackend } from "../../dist/engine/ort/lazy-backend.js";

const tf = await importCommonJs(import("@tensorflow/tfjs"));
const engine = tf.engine();
const { removeBackend } = engine;
const seconds = process.env.FOLIO_COUNT_SECONDS;
const processorMs = [];
const { run } = LazyBackend.prototype;
LazyBackend.prototype.run = function (...given) {
  if (processorMs.length === 0 && seconds) setTimeout(() => process.kill(process.pid, "SIGINT"), 1000 * Number(seconds)).unref();
  run.apply(this, given);
  const { user, system } = process.cpuUsage();
  processorMs.push((user + system) / 1000);
};
engine.removeBackend = function (name) {
  const backend = name === "ort" ? engine.findBackend(name) : undefined;
  if (backend) {
    const { counters, elsewhere, recordedSteps } = backend;
    const half = processorMs.slice(processorMs.length >> 1);
    const warmMs = (half.at(-1) - half[0]) / (half.length - 1);
    writeSync(3, `${JSON.stringify({ ...counters, warmMs, elsewhere: Object.fromEntries(elsewhere), recorded: Object.fromEntries(recordedSteps) })}\n`);
  }
  return removeBackend.call(this, name);
};
