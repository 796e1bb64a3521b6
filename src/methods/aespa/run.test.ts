import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { RatedDataset } from "../../datasets/index.js";
import { readRecords, writeRecord } from "../../results/index.js";
import { compareRounds } from "./compare.js";
import { forms, presets } from "./config.js";
import type { Evaluation } from "./evaluate.js";
import { roundMetrics, scoreSession, summarise, valueAt, type RoundMetric } from "./measure.js";
import { fixedStyle } from "./peers.js";
import { aespaRecord, openAespaRun, readAespaRun, type AespaRun } from "./run.js";

const run: AespaRun = { schema: "folio.run/1", method: "aespa", mode: "aespa", preset: "quick", seed: 1, dataset: "lidc", config: presets.quick, data: "abc" };

describe("a run folder", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "folio-aespa-run-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("goes on with the same settings and refuses others, naming what differs", async () => {
    await openAespaRun(folder, run);
    await openAespaRun(folder, run);
    assert.deepEqual(await readAespaRun(folder), run);
    await assert.rejects(openAespaRun(folder, { ...run, seed: 2 }), { code: "usage", message: /another seed/ });
    await assert.rejects(openAespaRun(folder, { ...run, config: { ...run.config, form: forms.faithful } }), { message: /another config/ });
  });

  it("that is none says what to do", async () => {
    await assert.rejects(readAespaRun(join(folder, "nowhere")), { code: "not-found", message: /folio train aespa/ });
    await writeFile(join(folder, "run.json"), "{}");
    await assert.rejects(readAespaRun(folder), { code: "bad-header" });
  });
});

describe("compareRounds", () => {
  const evaluation = (variant: string, values: readonly number[]): Evaluation => ({
    variant, what: "", metrics: [],
    rows: values.map((value, i) => ({ case: `c${i}`, patient: `p${i % 4}`, rater: 0, round: 1, scores: Object.fromEntries(roundMetrics.map(({ id }) => [id, value])) as Record<RoundMetric, number> })),
  });
  const low = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

  it("is the mean paired difference, separated where its interval excludes 0", () => {
    const better = compareRounds(evaluation("a", low.map((x) => x + 0.1)), evaluation("b", low), "dice_follow", 1);
    assert.ok(Math.abs(better.difference - 0.1) < 1e-12 && better.separated && better.interval?.cluster === "patient");
    assert.deepEqual([better.n, compareRounds(evaluation("a", low), evaluation("b", low), "ged", 1).separated], [8, false]);
  });

  it("refuses systems that played other sessions", () => {
    assert.throws(() => compareRounds(evaluation("a", low), evaluation("b", low.slice(1)), "ged", 1), { code: "invalid-value" });
  });
});

describe("aespaRecord", () => {
  it("is a record that reads back, with one row a session and round and the generated data marked", async () => {
    const masks = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]].map((mask) => Uint8Array.from(mask));
    const rated = (id: string) => ({ id, patient: id, size: 2, image: new Uint8Array(12), raters: masks, valid: [true, true, true] });
    const sessions = ["a", "b"].flatMap((id) => [0, 1, 2].map((rater) => ({ case: rated(id), rater })));
    const rows = fixedStyle(sessions, 1, 3).flatMap(scoreSession);
    const metrics = summarise(rows, 1);
    const always = (2 / 3 + 1 + 4 / 5) / 3; // rater 2's mask for everyone
    assert.ok(Math.abs(valueAt(metrics, "dice_follow", 2)! - always) < 1e-12);
    assert.ok(Math.abs(valueAt(metrics, "dice_follow", "1–2")! - always) < 1e-12);
    assert.equal(valueAt(metrics, "dice_follow", 0, 1), 1);

    const dataset: RatedDataset = { root: "", images: [], raterCount: 3, problems: [], generated: { schema: "folio.generated/1", note: "made", dataset: "lidc", preset: "quick", seed: 1, generatorVersion: 1, complete: true, files: {} } };
    const provenance = { inputs: {}, code: "0", lockfile: "0", engine: "wasm", device: "here", node: "20", startedAt: "2026-01-01T00:00:00.000Z", seconds: 1 };
    const record = aespaRecord({ variant: "always-rater-2", what: "", rows, metrics }, { name: "lidc", dataset, run, provenance });
    assert.equal(record.cases.rows.length, 18);
    assert.deepEqual([record.id, record.dataset.generated], ["aespa-always-rater-2-quick-seed1", true]);
    const folder = await mkdtemp(join(tmpdir(), "folio-aespa-record-"));
    try {
      await writeRecord(folder, record);
      assert.deepEqual((await readRecords(folder))[0].metrics, record.metrics);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
