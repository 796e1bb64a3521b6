import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import * as ort from "onnxruntime-node";
import { seededRandom } from "../core/index.js";
import { openEngine } from "../engine/index.js";
import { openSafetensors, writeCsv, writeWav } from "../io/index.js";
import { exportAstraRun } from "../methods/astra/index.js";
import { disposeWeights } from "../nn/index.js";
import { artifact, readRecords } from "../results/index.js";
import { captured } from "./captured.fixture.js";

const settings = [
  "training.epochs=1",
  "training.batch=4",
  "scoring.clusters=2",
  "autoencoder.epochs=1",
  "autoencoder.batch=16",
];
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-astra-cli-"));
  await writeMachine(join(folder, "data"), "fan");
});
after(() => rm(folder, { recursive: true }));

/** Half a second of hum a clip, with a hiss where it is anomalous: six clips of each kind and domain. */
async function writeMachine(root: string, machine: string): Promise<void> {
  const rows: Record<string, string>[] = [];
  for (const domain of ["source", "target"]) {
    for (const [split, label] of [
      ["train", "normal"],
      ["test", "normal"],
      ["test", "anomaly"],
    ]) {
      for (let i = 0; i < 6; i++) {
        const name = `section_00_${domain}_${split}_${label}_000${i}_rpm_${100 + i}.wav`;
        const random = seededRandom(`${name}/${machine}`);
        const hiss = label === "anomaly" ? 0.3 : 0.02;
        const samples = Float32Array.from(
          { length: 8000 },
          (_, t) => 0.4 * Math.sin(t * (0.05 + 0.002 * i)) + hiss * random.uniform(-1, 1),
        );
        await writeWav(join(root, machine, split, name), { sampleRate: 16000, channels: [samples], format: "pcm16" });
        rows.push({ file_name: `${machine}/${split}/${name}`, d1p: "rpm", d1v: `${100 + i}` });
      }
    }
  }
  await writeCsv(join(root, machine, "attributes_00.csv"), { columns: ["file_name", "d1p", "d1v"], rows });
}

const folio = (...args: string[]) => captured(args, { cwd: folder });

describe("folio train astra, folio evaluate astra", () => {
  const train = (...more: string[]): ReturnType<typeof folio> =>
    folio(
      "train",
      "astra",
      "--data",
      "data",
      "--out",
      "run",
      "--engine",
      "wasm",
      ...settings.flatMap((setting) => ["--set", setting]),
      ...more,
    );

  it("trains, and goes on with the same settings only", async () => {
    const { code, out, err } = await train();
    assert.equal(code, 0, err);
    assert.match(out, /93,035 parameters, 1 epoch on wasm .*loss \d\.\d{3} → \d\.\d{3}/);
    const again = await train("--json");
    assert.equal((JSON.parse(again.out) as { epochs: number }).epochs, 1);
    const other = await train("--seed", "2");
    assert.equal(other.code, 2);
    assert.match(other.err, /holds a run with another seed\. Give another --out/);
  });

  it("leaves as ONNX that computes the same, and as safetensors under PyTorch's names", async () => {
    const { code, out, err } = await folio("weights", "export", "--run", "run", "--out", "astra.onnx");
    assert.equal(code, 0, err);
    assert.match(out, /weights of astra written to astra\.onnx, for patches \[9, 32, 32, 3\] and attributes \[1, \d+\]/);
    const random = seededRandom(5);
    const drawn = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
    const session = await ort.InferenceSession.create(join(folder, "astra.onnx"));
    const engine = await openEngine({ prefer: "wasm" });
    const { inputs, forward, weights } = await exportAstraRun(engine.tf, join(folder, "run"));
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, { size, shape }]) => [name, new ort.Tensor("float32", drawn(size), shape)]));
    const given = Object.fromEntries(Object.entries(feeds).map(([name, { data, dims }]) => [name, engine.tf.tensor(data as Float32Array, [...dims])]));
    const [ours, theirs] = [forward(given), await session.run(feeds)];
    for (const name of ["embedding", "attention"]) {
      const [a, b] = [await ours[name].data(), theirs[name].data as Float32Array];
      assert.ok(a.length > 0 && a.every((value, i) => Math.abs(value - b[i]) < 1e-4), name);
    }
    disposeWeights(weights);
    await session.release();
    await engine.close();
    await folio("weights", "export", "--run", "run", "--out", "astra.safetensors");
    const filter = await (await openSafetensors(join(folder, "astra.safetensors"))).read("encoder.backbone.conv1.weight");
    assert.deepEqual(filter.shape.slice(1), [3, 7, 7]);
    assert.match((await folio("weights", "export", "--run", "data", "--out", "x.onnx")).err, /run\.json: is not there/);
    assert.equal((await folio("weights", "export", "--run", "run", "--out", "x.pt")).code, 2);
  });

  it("evaluates the method, its ablations and peers, and writes a record of each", async () => {
    const { code, out, err } = await folio(
      "evaluate",
      "astra",
      "--run",
      "run",
      "--data",
      "data",
      "--engine",
      "wasm",
      "--results",
      "results",
    );
    assert.equal(code, 0, err);
    assert.match(out, /^attention +source 0\.\d{3} \[/m);
    const records = await readRecords(join(folder, "results"));
    assert.equal(records.length, 16);
    const main = records.find(({ variant }) => variant === "attention")!;
    assert.equal(main.dataset.generated, false);
    assert.deepEqual(
      ["attention", "untrained", "ae-mse"].map(
        (variant) => records.find((record) => record.variant === variant)!.config.epochsTrained,
      ),
      [1, 0, 1],
    );
    assert.equal(main.cases.rows.length, 24);
    assert.deepEqual(main.cases.columns.slice(0, 6), ["case", "machine", "domain", "label", "score", "threshold"]);
    const area = main.metrics.find(
      ({ id, group }) => id === "auc" && group?.machine === "fan" && group.domain === "source",
    )!;
    assert.equal(area.n, 12);
    assert.ok(area.interval && area.interval.low <= area.value! && area.value! <= area.interval.high);
    assert.deepEqual(artifact(main, "attention")?.weights.shape, [3, 3]);
    assert.equal(artifact(main, "spectrograms")?.normal.shape[0], 128);
    assert.equal(artifact(main, "loss")?.y.length, 1);
    assert.equal(main.provenance.inputs.checkpoint.length, 64);
  });

  it("gives the same numbers again", async () => {
    const evaluate = (): ReturnType<typeof folio> =>
      folio("evaluate", "astra", "--run", "run", "--data", "data", "--engine", "wasm", "--no-ablations", "--json");
    assert.equal((await evaluate()).out, (await evaluate()).out);
  });

  it("says in one line what is wrong with a call", async () => {
    const missing = await folio("evaluate", "astra", "--run", "nowhere", "--data", "data");
    assert.deepEqual([missing.code, missing.err.trim().split("\n").length], [1, 1]);
    assert.match(missing.err, /run\.json: is not there\. Train first/);
    const backbone = await folio("train", "astra", "--data", "data", "--out", "other", "--backbone", "resnet34.safetensors");
    assert.match(backbone.err, /resnet34\.safetensors: /);
    const setting = await train("--set", "training.epoch=3");
    assert.match(setting.err, /no setting training\.epoch; epoch is none of epochs/);
  });
});
