import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Page } from "puppeteer-core";
import { silent } from "../../../core/index.js";
import { makeBratsSlices, readBrainSlices } from "../../../datasets/index.js";
import { openEngine } from "../../../engine/index.js";
import { encodePng } from "../../../io/index.js";
import { presets, trainRasaloreRun, type RasaloreConfig } from "../../../methods/rasalore/index.js";
import { openBrowser, type BrowserSession } from "../../../report/index.js";
import { serveDemo, type DemoServer } from "../../server.js";
import { visitDemo } from "../../visit.fixture.js";
import { openRasaloreDemo } from "./open.js";

/** Both stages for a moment: what is tested here is the page. */
const brief: RasaloreConfig = {
  ...presets.quick,
  ddpt: { ...presets.quick.ddpt, epochs: 1, switchEpoch: 1, perClass: 16, visual: { learningRate: 0.01, warmup: 0 }, text: { learningRate: 0.002, warmup: 0 } },
  guide: { ...presets.quick.guide, minMapArea: 1 },
  training: { ...presets.quick.training, epochs: 1 },
};

describe("folio demo rasalore, in a real browser", { timeout: 240_000 }, () => {
  let browser: BrowserSession;
  let server: DemoServer;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "folio-demo-rasalore-"));
    await makeBratsSlices({ out: join(folder, "slices") });
    const engine = await openEngine();
    const dataset = await readBrainSlices(join(folder, "slices"));
    await trainRasaloreRun({ engine, dataset, folder: join(folder, "run"), preset: "quick", seed: 1, config: brief });
    await engine.close();
    await writeFile(join(folder, "own.png"), encodePng({ width: 48, height: 40, channels: 1, data: Uint8Array.from({ length: 48 * 40 }, (_, i) => (Math.hypot((i % 48) - 24, Math.floor(i / 48) - 20) < 16 ? 90 : 0)) }));
    await writeFile(join(folder, "tiny.png"), encodePng({ width: 8, height: 8, channels: 1, data: new Uint8Array(64) }));
    server = await serveDemo(await openRasaloreDemo({ options: { run: "run", data: "slices", engine: "auto" }, cwd: folder, progress: silent, signal: new AbortController().signal, say: () => {} }));
    browser = await openBrowser(process.env);
  });
  after(async () => {
    await browser?.[Symbol.asyncDispose]();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const visit = () => visitDemo(browser, server.url, ".scores tbody tr");
  const scores = (page: Page) => page.$$eval(".scores tbody td", (cells) => cells.map((cell) => cell.textContent ?? ""));
  const status = (page: Page) => page.$eval(".verdict", (line) => line.textContent ?? "");

  it("shows the three masks' Dice, moves with the threshold, and warns of embeddings of another draw", async () => {
    const { page, problems } = await visit();
    const first = await scores(page);
    assert.equal(first.length, 3);
    assert.ok(first.every((text) => /^\d\.\d{3}$/.test(text)), first.join());
    await page.$eval("input[type=range]", (input) => {
      (input as HTMLInputElement).value = "0.05";
      input.dispatchEvent(new Event("input"));
    });
    const wider = await scores(page);
    assert.deepEqual(wider.slice(0, 2), first.slice(0, 2), "only RASALoRE's mask moved");
    await page.evaluate(() => [...document.querySelectorAll("label")].find((label) => label.textContent === "All alike")!.querySelector("input")!.click());
    await page.waitForFunction(() => document.querySelector(".verdict")?.textContent?.includes("not the embeddings"));
    await page.evaluate(() => [...document.querySelectorAll("label")].find((label) => label.textContent === "As trained")!.querySelector("input")!.click());
    await page.waitForFunction(() => !document.querySelector(".verdict")?.textContent?.includes("not the embeddings"));
    assert.deepEqual(await scores(page), wider);
    assert.deepEqual(problems, []);
    await page.close();
  });
  it("opens another slice, and one of the user's own, which has no ground truth", async () => {
    const { page, problems } = await visit();
    await page.select("#pick", "1");
    await page.waitForFunction(() => (document.querySelector("#pick") as HTMLSelectElement).value === "1");
    assert.match(await status(page), /Stage 1 says (un)?healthy/);
    const [upload] = await page.$$("input[type=file]");
    await upload.uploadFile(join(folder, "tiny.png"));
    await page.waitForFunction(() => [...document.querySelectorAll(".toast")].some((each) => each.textContent?.includes("8×8 pixels")));
    await upload.uploadFile(join(folder, "own.png"));
    await page.waitForFunction(() => (document.querySelector("#pick") as HTMLSelectElement).selectedOptions[0].textContent === "own.png");
    assert.deepEqual(await scores(page), ["–", "–", "–"]);
    assert.deepEqual(problems.filter((problem) => !problem.includes("400")), [], "but for the picture that was refused");
    await page.close();
  });
});
