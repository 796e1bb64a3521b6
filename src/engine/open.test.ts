import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Rank, Tensor } from "@tensorflow/tfjs";
import type { EngineName } from "./engine.js";
import { EngineUnavailable, engineReport, findEngines, openEngine } from "./index.js";
import { restoreRemovedUtilities, tensorflowBackend } from "./tensorflow/backend.js";

const index = fileURLToPath(new URL("./index.js", import.meta.url));
const node = (script: string) => promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { cwd: tmpdir() });

describe("openEngine", () => {
  it("runs from any folder and prints nothing", async () => {
    const script = `import { openEngine } from ${JSON.stringify(index)};
      const engine = await openEngine({ prefer: "wasm" });
      engine.tf.setBackend("cpu"); await engine.tf.ones([2]).data(); engine.tf.setBackend("wasm");
      process.stdout.write(JSON.stringify([engine.describe().name, ...(await engine.tf.tensor1d([1, 2]).square().data())]));
      await engine.close();`;
    const { stdout, stderr } = await node(script);
    assert.equal(stdout, '["wasm",1,4]');
    assert.equal(stderr.replaceAll(/.*(punycode|trace-deprecation).*\n/g, ""), "");
  });

  it("opens again after it was closed", async () => {
    for (let time = 0; time < 2; time++) {
      const { tf, close } = await openEngine({ prefer: "wasm" });
      assert.deepEqual(Array.from(await tf.sum(tf.maxPool(tf.ones<Rank.R4>([1, 4, 4, 1]), 2, 2, "valid")).data()), [4]);
      await close();
    }
  });

  it("is the same engine when it is opened again, until the last one closes it", async () => {
    for (const prefer of ["ort", "wasm"] as const) {
      const [first, second] = await Promise.all([openEngine({ prefer }), openEngine({ prefer })]);
      const kept = first.tf.tensor1d([1, 2]);
      const step = second.step((x: Tensor) => x.square());
      for (let call = 0; call < 4; call++) assert.deepEqual([...(await step(kept).data())], [1, 4]);
      if (prefer === "ort") assert.ok(first.describe().counters!.stepsReplayed >= 1);
      await second.close();
      await second.close();
      assert.deepEqual([...(await first.tf.add(kept, 1).data())], [2, 3]);
      await assert.rejects(openEngine({ prefer, threads: 7 }), /is open with other settings .*"threads":7.*Close that one first: await engine\.close\(\)/);
      await first.close();
      await (await openEngine({ prefer, threads: 1 })).close();
    }
  });

  it("importing the room loads no TensorFlow.js", async () => {
    const script = `import ${JSON.stringify(index)}; import { createRequire } from "node:module";
      const require = createRequire(${JSON.stringify(`${dirname(index)}/`)});
      process.stdout.write(String(Object.keys(require.cache).filter((id) => id.includes("tensorflow")).length));`;
    assert.equal((await node(script)).stdout, "0");
  });

  it("refuses an unknown name, and an engine that is not there with its remedy", async () => {
    await assert.rejects(openEngine({ prefer: "gpu" as EngineName }), /must be "auto" or one of .*wasm.*, but got "gpu"/);
    const missing = (await findEngines()).filter((engine) => !engine.available);
    for (const { name } of missing) {
      await assert.rejects(openEngine({ prefer: name }), (error) => {
        assert.ok(error instanceof EngineUnavailable);
        assert.equal(error.engine, name);
        assert.match(error.message, new RegExp(`^Engine "${name}": .+\\. .{10,}`));
        return true;
      });
    }
  });

  it("finds all engines of the design", async () => {
    const names = (await findEngines()).map(({ name }) => name).sort();
    assert.deepEqual(names, ["ort", "ort-cuda", "ort-webgpu", "tensorflow", "tensorflow-gpu", "wasm", "webgpu"]);
  });

  it("reports the engine in use without disturbing it, and else what is there", async () => {
    const engine = await openEngine({ prefer: "wasm" });
    const kept = engine.tf.tensor1d([3]);
    assert.match(await engineReport(), /^Engine wasm: WebAssembly.*; it was asked for\nWeights are on the processor\.\nversions: tfjs 4\.22\.0/);
    assert.deepEqual(Array.from(await kept.data()), [3]);
    await engine.close();
    const text = await engineReport();
    assert.match(text, /^No engine is open yet; openEngine\(\) would take \w+\./);
    assert.match(text, /^✔ wasm: WebAssembly/m);
  });

  it("says why it took what it took", async () => {
    const engine = await openEngine();
    assert.match(engine.describe().reason, /fastest/);
    assert.equal(engine.describe().versions.tfjs, "4.22.0");
    await engine.close();
  });

  it("refuses a precision that the engine does not compute in", async () => {
    const able = 'Open "ort" or "ort-cuda", or leave precision out.';
    await assert.rejects(openEngine({ prefer: "wasm", precision: "bfloat16" }), (error: Error) => error.message === `Engine "wasm": it does not compute in bfloat16. ${able}`);
    const engine = await openEngine({ prefer: "wasm", precision: "float32" });
    await engine.close();
  });

  it("stops when the signal has fired", async () => {
    await assert.rejects(openEngine({ prefer: "wasm", signal: AbortSignal.abort() }), { code: "interrupted" });
  });
});

describe("tensorflow backend", () => {
  it("is missing with the command that installs it", async () => {
    const machine = { resolve: () => assert.fail("not found"), hasNvidiaGpu: async () => true };
    for (const name of ["tensorflow", "tensorflow-gpu"] as const) {
      const found = await tensorflowBackend(name, machine).probe();
      assert.ok(!found.available);
      assert.match(found.remedy, new RegExp(`folio engine install ${name}.*npm install @tensorflow/tfjs-node.*@4\\.22\\.0`));
    }
  });

  it("gives back the utilities that Node 23 removed, and only those that are missing", () => {
    const isArray = () => true;
    const target: Record<string, (value: unknown) => boolean> = { isArray };
    restoreRemovedUtilities(target);
    assert.equal(target.isNullOrUndefined(undefined), true);
    assert.equal(target.isNullOrUndefined(0), false);
    assert.equal(target.isArray, isArray);
  });
});
