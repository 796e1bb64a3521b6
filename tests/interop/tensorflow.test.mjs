// The engine `tensorflow` for real: tfjs-node's addon, built by `folio engine install tensorflow` against the library inside PyPI's
// tensorflow-cpu wheel, runs the cases of all engines. The wheel has 274 MB, so this is done where it is asked for
// (FOLIO_REQUIRE_TENSORFLOW=1, as in CI) or where the engine is installed already.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findAddon, installedFolder } from "../../dist/engine/tensorflow/addon.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const required = process.env.FOLIO_REQUIRE_TENSORFLOW === "1";
const env = { ...process.env, NODE_TEST_CONTEXT: undefined, ...(required && { XDG_CACHE_HOME: join(root, ".folio", "cache") }) };
const run = (args) => promisify(execFile)(process.execPath, args, { env, cwd: root, maxBuffer: 2 ** 26 });
const cases = async (name) => {
  const file = join(root, "dist", "engine", "tensorflow", name);
  const { stdout } = await run(["--test", "--test-reporter=tap", file]).catch((error) => error);
  return { failures: stdout.split("\n").filter((line) => /^\s*not ok/.test(line)), passed: Number(/^# pass (\d+)$/m.exec(stdout)?.[1]) };
};

const there = findAddon("tensorflow", () => assert.fail("only the built one"))?.complete === true;
const skip = required || there ? false : `${installedFolder("tensorflow")} is not there: folio engine install tensorflow, or FOLIO_REQUIRE_TENSORFLOW=1`;

describe("the engine tensorflow", { skip }, () => {
  it("is built by one command", { skip: !required && "it is installed already" }, async () => {
    const { stdout } = await run([join(root, "dist", "cli", "main.js"), "engine", "install", "tensorflow"]);
    assert.match(stdout, /tensorflow is ready/);
  });

  it("passes every case that the other engines pass", async () => {
    const { failures, passed } = await cases("tensorflow.cases.js");
    assert.deepEqual(failures, []);
    assert.ok(passed > 300, `${passed} passed`);
  });

  it("finds that libtensorflow would compute on the processor in place of a GPU", async () => {
    assert.deepEqual(await cases("silent-cpu.cases.js"), { failures: [], passed: 1 });
  });
});
