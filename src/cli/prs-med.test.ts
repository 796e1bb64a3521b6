import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../core/index.js";
import { askAbout, drawScene, readPrsMed } from "../datasets/index.js";
import { openEngine } from "../engine/index.js";
import { readPng, writeCsv, writePng } from "../io/index.js";
import { tinyConfig } from "../methods/prs-med/cases.fixture.js";
import { initPrsMed, openPrsMedRun, prsMedDataHash, saveCheckpoint } from "../methods/prs-med/index.js";
import { disposeWeights, startOfTraining, trainBpe } from "../nn/index.js";
import { captured } from "./captured.fixture.js";

describe("folio and PRS-Med", () => {
  let cwd: string;
  const folio = (...args: string[]) => captured(args, { cwd });
  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), "folio-cli-prs-med-"));
    const rows = [];
    for (const [i, split] of (["train", "val", "test", "test"] as const).entries()) {
      const scene = drawScene({ modality: 5, lesions: [{ zone: "top left", attribute: "dark" }] }, 32, seededRandom(i));
      const name = `${i}.png`;
      await writePng(join(cwd, "data/polyp_endoscopy", `${split}_images`, name), { width: 32, height: 32, channels: 3, data: scene.pixels });
      await writePng(join(cwd, "data/polyp_endoscopy", `${split}_masks`, name), { width: 32, height: 32, channels: 1, data: scene.lesions[0].mask.map((on) => 255 * on) });
      rows.push({ image_path: `polyp_endoscopy/${split}_masks/${name}`, image_name: name, ...askAbout("single", scene, scene.lesions[0], split, seededRandom(i)), split });
    }
    await writeCsv(join(cwd, "data/annotations/polyp_endoscopy.csv"), { columns: ["image_path", "image_name", "question", "answer", "position", "split"], rows });
  });
  after(() => rm(cwd, { recursive: true }));

  it("checks data and says what always answering the commonest zone scores", async () => {
    const { code, out } = await folio("data", "check", "prs-med", "--data", "data");
    assert.equal(code, 0);
    assert.match(out, /4 questions in 1 tasks/);
    assert.match(out, /always the commonest zone scores 100\.0 % on test/);
    assert.match(out, /Nothing is missing or odd/);
  });

  it("refuses paper where there is no GPU, saying how much it needs, and keeps nothing", async () => {
    const { code, err } = await folio("train", "prs-med", "--data", "data", "--preset", "paper", "--out", "run");
    assert.equal(code, 1);
    assert.match(err, /needs about \d+\.\d GiB of GPU memory .* the engine \w+ runs on the processor/);
    assert.equal((await folio("evaluate", "prs-med", "--run", "run", "--data", "data")).code, 1);
  });

  it("names the call's mistakes: a variant that is none, a folder without tables", async () => {
    const { code, err } = await folio("train", "prs-med", "--data", "data", "--out", "run", "--variant", "noText");
    assert.equal(code, 2);
    assert.match(err, /no-text/);
    await mkdir(join(cwd, "empty"));
    assert.match((await folio("train", "prs-med", "--data", "empty", "--out", "run")).err, /holds no table.*folio data make prs-med/);
  });

  it("evaluates a run and writes its record", async () => {
    const engine = await openEngine();
    const model = initPrsMed(engine.tf, tinyConfig, trainBpe(["Where is the dark polyp in this picture?", "The polyp is in the top left."], { vocabulary: 90 }), 1);
    await openPrsMedRun(join(cwd, "done"), { schema: "folio.run/1", method: "prs-med", preset: "quick", variant: "full", seed: 1, config: tinyConfig, data: await prsMedDataHash(await readPrsMed(join(cwd, "data"))) });
    await saveCheckpoint(join(cwd, "done"), { training: startOfTraining(1e-3), losses: [] }, model);
    disposeWeights(model.weights);
    await engine.close();
    const { code, out } = await folio("evaluate", "prs-med", "--run", "done", "--data", "data", "--results", "results");
    assert.equal(code, 0);
    assert.match(out, /single +Dice \d/);
    assert.match(out, /mean over tasks, 256 thresholds: Dice \d\.\d{3}, IoU/);
    assert.match(out, /1 result record in results/);
  });

  it("asks a run about one picture of any size: a sentence, where the mask lies, and three pictures", async () => {
    await writePng(join(cwd, "own.png"), { width: 40, height: 20, channels: 1, data: new Uint8Array(800).fill(90) });
    const asking = ["ask", "prs-med", "--run", "done", "--image", "own.png", "--question"];
    const { code, out } = await folio(...asking, "Where is the polyp?", "--out", "asked", "--json");
    assert.equal(code, 0);
    const { answer, files, pixels, maskZone } = JSON.parse(out) as { answer: string; files: string[]; pixels: number; maskZone: string | null };
    assert.equal(typeof answer, "string");
    assert.equal(maskZone === null, pixels === 0);
    const [mask, probability, overlay] = await Promise.all(files.map((file) => readPng(join(cwd, file))));
    assert.deepEqual([mask, probability, overlay].map(({ width, height, channels }) => [width, height, channels]), [[40, 20, 1], [40, 20, 1], [40, 20, 3]]);
    mask.data.forEach((on, i) => {
      assert.equal(on, probability.data[i] > 127 ? 255 : 0);
      assert.deepEqual([...overlay.data.subarray(3 * i, 3 * i + 3)], on ? [126, 107, 119] : [90, 90, 90]);
    });
    assert.match((await folio(...asking, " ")).err, /--question must not be empty/);
    assert.match((await folio("ask", "prs-med", "--run", "done", "--image", "none.png", "--question", "Where?")).err, /none\.png/);
  });
});
