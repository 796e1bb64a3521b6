// node --import ./bench/engine/count-at-close.mjs dist/cli/main.js train …: writes what the engine `ort` counted to file descriptor 3
// when it is closed. For methods.mjs.
import { writeSync } from "node:fs";
import { importCommonJs } from "../../dist/engine/tfjs.js";

const tf = await importCommonJs(import("@tensorflow/tfjs"));
const engine = tf.engine();
const { removeBackend } = engine;
engine.removeBackend = function (name) {
  const backend = name === "ort" ? engine.findBackend(name) : undefined;
  if (backend) {
    const { counters, elsewhere, recordedSteps } = backend;
    writeSync(3, `${JSON.stringify({ ...counters, elsewhere: Object.fromEntries(elsewhere), recorded: Object.fromEntries(recordedSteps) })}\n`);
  }
  return removeBackend.call(this, name);
};
