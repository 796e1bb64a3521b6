import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { sha256, sha256File, sha256Folder } from "../../../core/index.js";
import { auc } from "../../../metrics/index.js";
import { astraLogMel, logMel } from "../../../signal/index.js";
import { makeDcase, readClips, readDcase, selectClips, type DcaseClip } from "../../index.js";

const root = await mkdtemp(join(tmpdir(), "folio-make-"));
after(() => rm(root, { recursive: true }));

describe("makeDcase", () => {
  const out = join(root, "quick");

  it("writes the DCASE layout, marked as generated, without anything odd in it", async () => {
    const mark = await makeDcase({ out, preset: "quick", seed: 1 });
    const { clips, machines, problems, generated, attributeDim } = await readDcase(out);
    assert.deepEqual([machines, problems, attributeDim], [["fan", "slider", "valve"], [], 1]);
    assert.deepEqual(generated, mark);
    assert.equal(
      sha256(mark.files),
      "9f883c3e70255b95310f4285c92d7b5c7fec61d1ec2d50ede4b5ca785767dd45",
      "a change of the bytes needs a new generatorVersion, then this hash",
    );
    assert.equal(clips.length, 3 * (24 + 6 + 4 * 12 + 2));
    for (const domain of ["source", "target"] as const) {
      const codes = new Set(
        selectClips(clips, { machine: "fan", domain, split: "test" }).map(({ attributeVector }) => attributeVector[0]),
      );
      assert.deepEqual([...codes].sort(), domain === "source" ? [0, 1, 2] : [3]);
    }
  });

  it("makes finite, audible, unclipped sound, and no two clips alike", async () => {
    const { clips } = await readDcase(out);
    for await (const { clip, samples } of readClips(clips)) {
      assert.equal(samples.length, 16000);
      const peak = samples.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
      assert.ok(peak > 0.05 && peak < 0.99, `${clip.id}: peak ${peak}`);
    }
    const hashes = await Promise.all(clips.map(({ path }) => sha256File(path)));
    assert.equal(new Set(hashes).size, clips.length);
  });

  it("completes what was begun to the same bytes, and does nothing when all is there", async () => {
    const whole = await sha256Folder(out);
    const [first] = (await readDcase(out)).clips;
    const { mtimeMs } = await stat(first.path);
    await makeDcase({ out, preset: "quick", seed: 1 });
    assert.equal((await stat(first.path)).mtimeMs, mtimeMs);
    await unlink(first.path);
    await makeDcase({ out, preset: "quick", seed: 1 });
    assert.equal(await sha256Folder(out), whole);
  });

  it("can be stopped, is refused by the reader while unfinished, and goes on", async () => {
    const half = join(root, "half");
    const controller = new AbortController();
    const progress = {
      begin: () => ({ update: (done: number) => void (done === 20 && controller.abort()), end: () => {} }),
    };
    await assert.rejects(
      makeDcase({ out: half, seed: 1, progress, signal: controller.signal }),
      /20 of 243 parts are written; run the same command again/,
    );
    await assert.rejects(readDcase(half), /was not finished\. Run folio data make dcase --preset quick --seed 1/);
    await makeDcase({ out: half, seed: 1 });
    assert.equal(await sha256Folder(half), await sha256Folder(out));
  });

  it("makes data of an older generator anew", async () => {
    const whole = await sha256Folder(out);
    const mark = JSON.parse(await readFile(join(out, "GENERATED.json"), "utf8")) as object;
    await writeFile(join(out, "GENERATED.json"), JSON.stringify({ ...mark, generatorVersion: 0 }));
    const [first] = (await readDcase(out)).clips;
    await writeFile(first.path, "another sound");
    await makeDcase({ out, preset: "quick", seed: 1 });
    assert.equal(await sha256Folder(out), whole);
  });

  it("never writes over other data", async () => {
    await assert.rejects(
      makeDcase({ out, preset: "quick", seed: 2 }),
      /holds generated data of dcase, preset quick, seed 1/,
    );
    await writeFile(join(root, "mine.txt"), "keep");
    await assert.rejects(makeDcase({ out: root }), /not empty and was not made by this command/);
    await assert.rejects(
      makeDcase({ out: join(root, "x"), preset: "huge" as "quick" }),
      /no preset huge; take one of quick, small/,
    );
    assert.equal(await readFile(join(root, "mine.txt"), "utf8"), "keep");
  });
});

describe("the difficulty of preset small", () => {
  it("is neither hopeless nor trivial for the distance to the nearest training clip in log-mel statistics", async (t) => {
    const out = join(root, "small");
    await makeDcase({ out, preset: "small", seed: 1 });
    const { clips, machines } = await readDcase(out);
    const features = new Map<DcaseClip, Float64Array>();
    for await (const { clip, samples } of readClips(clips)) features.set(clip, bandStatistics(samples));
    const rows = (wanted: Parameters<typeof selectClips>[1]): Float64Array[] =>
      selectClips(clips, wanted).map((clip) => features.get(clip)!);
    for (const domain of ["source", "target"] as const) {
      const values = machines.map((machine) => {
        const train = rows({ machine, domain, split: "train" });
        const scores = (label: "normal" | "anomaly"): number[] =>
          rows({ machine, domain, split: "test", label }).map((row) =>
            Math.min(...train.map((other) => distance(row, other))),
          );
        const [good, bad] = [scores("normal"), scores("anomaly")];
        return auc([...good, ...bad], [...good.map(() => 0), ...bad.map(() => 1)]).value ?? 0;
      });
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      t.diagnostic(
        `${domain}: mean AUC ${mean.toFixed(3)} (${machines.map((name, i) => `${name} ${values[i].toFixed(2)}`).join(", ")})`,
      );
      assert.ok(mean > 0.7 && mean < 0.97, `${domain}: mean AUC ${mean}`);
    }
  });
});

/** Mean and standard deviation of every mel band over time. */
function bandStatistics(samples: Float32Array): Float64Array {
  const {
    data,
    shape: [bands, frames],
  } = logMel(samples, astraLogMel);
  const features = new Float64Array(2 * bands);
  for (let band = 0; band < bands; band++) {
    const row = data.subarray(band * frames, (band + 1) * frames);
    const mean = row.reduce((sum, x) => sum + x, 0) / frames;
    features[band] = mean;
    features[bands + band] = Math.sqrt(row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / frames);
  }
  return features;
}

const distance = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0);
