import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Page } from "puppeteer-core";
import { axeViolations } from "../../../report/browser/axe.fixture.js";
import { silent } from "../../../core/index.js";
import { processMbhseg } from "../../../datasets/index.js";
import { openEngine } from "../../../engine/index.js";
import { decodePng, encodePng, writeNifti } from "../../../io/index.js";
import { initAespa, openAespaRun, presets, saveCheckpoint } from "../../../methods/aespa/index.js";
import { openBrowser, type BrowserSession } from "../../../report/index.js";
import type { DemoContext } from "../../demo.js";
import { serveDemo, type DemoServer } from "../../server.js";
import { visitDemo } from "../../visit.fixture.js";
import { openAespaDemo } from "./open.js";

const wide = { width: 48, height: 32 };
const disc = (radius: number): Uint8Array => Uint8Array.from({ length: wide.width * wide.height }, (_, i) => (Math.hypot((i % wide.width) - 24, Math.floor(i / wide.width) - 16) < radius ? 255 : 0));
const grey = (data: Uint8Array, size = wide) => encodePng({ ...size, channels: 1, depth: 8, data });

describe("folio demo aespa, in a real browser", { timeout: 240_000 }, () => {
  let browser: BrowserSession;
  let server: DemoServer;
  let folder: string;
  const context = (options: DemoContext["options"]): DemoContext => ({ options: { engine: "auto", ...options }, cwd: folder, progress: silent, signal: new AbortController().signal, say: () => {} });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "folio-demo-aespa-"));
    // A run as training leaves it, without the training: what is tested here is the page.
    const engine = await openEngine();
    const config = presets.quick;
    await openAespaRun(join(folder, "run"), { schema: "folio.run/1", method: "aespa", mode: "aespa", preset: "quick", seed: 1, dataset: "lidc", config, data: "" });
    await saveCheckpoint(join(folder, "run"), { epoch: 1, history: [], learningRate: 0 } as never, initAespa(engine.tf, config, 1));
    await engine.close();
    await writeFile(join(folder, "wide.png"), grey(disc(9).map((level) => 60 + level / 3)));
    for (const [i, radius] of [5, 11].entries()) await writeFile(join(folder, `rater${i}.png`), grey(disc(radius)));
    await writeFile(join(folder, "other.png"), grey(new Uint8Array(32 * 32).fill(255), { width: 32, height: 32 }));
    await writeFile(join(folder, "empty.png"), grey(new Uint8Array(48 * 32)));
    await writeFile(join(folder, "text.png"), "not a picture");
    server = await serveDemo(await openAespaDemo(context({ run: "run" })));
    browser = await openBrowser(process.env);
  });
  after(async () => {
    await browser?.[Symbol.asyncDispose]();
    await server?.close();
  });

  const visit = (how?: { width: number; scheme: string }) => visitDemo(browser, server.url, ".history tbody tr", how);
  async function saveTo(page: Page): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "folio-demo-saved-"));
    await (await page.createCDPSession()).send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder });
    return folder;
  }

  const rounds = (page: Page, count: number) => page.waitForFunction((wanted) => document.querySelectorAll(".history tbody tr").length === wanted, { timeout: 10_000 }, count);
  const history = (page: Page) => page.$$eval(".history tbody td", (cells) => cells.map((cell) => cell.textContent));
  const toast = (page: Page, text: string) => page.waitForFunction((wanted) => [...document.querySelectorAll(".toast")].some((each) => each.textContent?.includes(wanted)), { timeout: 10_000 }, text);
  const upload = async (page: Page, which: number, ...names: string[]) => (await page.$$("input[type=file]"))[which].uploadFile(...names.map((name) => join(folder, name)));
  async function clickAt(page: Page, x: number, y: number, button: "left" | "right" = "left"): Promise<void> {
    const box = (await (await page.$("canvas"))!.boundingBox())!;
    await page.mouse.click(box.x + x * box.width, box.y + y * box.height, { button });
  }

  const holdBackNextAnswer = (page: Page, ms: number) =>
    page.evaluate((delay) => {
      const real = window.fetch;
      window.fetch = async (...request) => {
        window.fetch = real;
        const answer = await real(...request);
        await new Promise((done) => setTimeout(done, delay));
        return answer;
      };
    }, ms);

  it("clicks, undoes and redoes by mouse and keys; the numbers come back as they were", async () => {
    const { page, problems } = await visit();
    assert.equal((await page.$$(".gallery figure")).length, 3);
    await clickAt(page, 0.5, 0.5);
    await rounds(page, 2);
    await clickAt(page, 0.1, 0.1, "right");
    await rounds(page, 3);
    const before = await history(page);
    assert.equal(before.length, 9);
    await page.keyboard.press("u");
    await rounds(page, 2);
    await page.keyboard.press("u");
    await rounds(page, 1);
    await holdBackNextAnswer(page, 300);
    await page.keyboard.press("r");
    await page.keyboard.press("r");
    await rounds(page, 3);
    await new Promise((done) => setTimeout(done, 400)); // the late answer does not undo the later one
    assert.deepEqual(await history(page), before);
    await page.keyboard.press("c");
    await rounds(page, 1);
    assert.deepEqual(problems, []);
    await page.close();
  });

  it("suggests a click, which a second asking makes; keys alone make one too", async () => {
    const { page, problems } = await visit();
    await page.keyboard.press("n");
    await toast(page, "Suggested: a");
    await page.keyboard.press("n");
    await rounds(page, 2);
    await page.focus("canvas");
    await page.keyboard.press("ArrowLeft");
    assert.match(await page.$eval(".where", (line) => line.textContent ?? ""), /x 31, y 32 · (in|out)side the mask, probability 0\.\d\d/);
    await page.keyboard.press("Enter");
    await rounds(page, 3);
    assert.deepEqual(problems, []);
    await page.close();
  });

  it("opens the user's own picture and raters, and saves mask and clicks at the picture's size", async () => {
    const { page, problems } = await visit();
    const downloads = await saveTo(page);
    await upload(page, 0, "wide.png");
    await page.waitForFunction(() => document.querySelector(".verdict")?.textContent?.includes("Add raters"));
    await upload(page, 1, "rater0.png", "rater1.png");
    await page.waitForFunction(() => document.querySelectorAll(".gallery figure").length === 2);
    await clickAt(page, 40.5 / 48, 4.5 / 32);
    await rounds(page, 2);
    for (const name of ["Save the mask", "Save the clicks"]) await page.evaluate((text) => [...document.querySelectorAll("button")].find((each) => each.textContent === text)!.click(), name);
    const until = Date.now() + 10_000;
    while ((await readdir(downloads)).filter((name) => /\.(png|json)$/.test(name)).length < 2 && Date.now() < until) await new Promise((done) => setTimeout(done, 50));
    const { width, height } = decodePng(await readFile(join(downloads, "wide-mask.png")));
    assert.deepEqual([width, height], [48, 32]);
    const clicks = JSON.parse(await readFile(join(downloads, "wide-clicks.json"), "utf8")) as { clicks: unknown; width: number; diceByRound: unknown[] };
    assert.deepEqual(clicks.clicks, [{ x: 40, y: 4, label: 1 }]);
    assert.deepEqual([clicks.width, clicks.diceByRound.length], [48, 2]);
    assert.deepEqual(problems, []);
    await page.close();
  });

  it("says what is wrong with a file, and keeps what was there", async () => {
    const { page } = await visit();
    await upload(page, 0, "wide.png");
    await page.waitForFunction(() => document.querySelector(".verdict")?.textContent?.includes("Add raters"));
    await upload(page, 1, "other.png");
    await toast(page, "other.png: is 32×32 pixels, but the image is 48×32");
    await upload(page, 1, "empty.png");
    await toast(page, "empty.png: marks nothing");
    await upload(page, 0, "text.png");
    await toast(page, "text.png:");
    assert.equal(await page.$eval("#pick", (select) => (select as HTMLSelectElement).selectedOptions[0].textContent), "wide.png");
    await page.close();
  });

  it("two users do not disturb each other", async () => {
    const [one, two] = [(await visit()).page, (await visit()).page];
    await one.bringToFront();
    await clickAt(one, 0.5, 0.5);
    await rounds(one, 2);
    await two.bringToFront();
    await rounds(two, 1);
    await Promise.all([one.close(), two.close()]);
  });

  it("axe finds nothing, light or dark, and nothing is wider than a telephone", async () => {
    for (const [scheme, width] of [["light", 1280], ["dark", 390]] as const) {
      const { page } = await visit({ scheme, width });
      await page.evaluate(() => [...document.querySelectorAll("button")].find((each) => each.textContent?.startsWith("Suggest"))!.click());
      await toast(page, "Suggested");
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      assert.deepEqual(await axeViolations(page), []);
      await page.close();
    }
  });

  it("shows one class of MBHSeg's multi-class slices, and the raters who drew it", async () => {
    await server.close(); // one engine a process
    // Label 2 is a disc of one radius a rater; rater 2 alone drew label 5.
    for (const split of ["train", "test"]) {
      const raw = join(folder, "raw", split, "case_001");
      await mkdir(raw, { recursive: true });
      const volume = (at: (radius: number) => number) => Int16Array.from({ length: 32 * 32 * 2 }, (_, i) => at(Math.hypot((i % 32) - 16, (Math.floor(i / 32) % 32) - 16)));
      await writeNifti(join(raw, "case_image.nii.gz"), { data: volume((radius) => (radius < 8 ? 60 : 30)), shape: [32, 32, 2] });
      for (const [rater, radius] of [[1, 6], [2, 9], [3, 7]]) await writeNifti(join(raw, `mask_${rater}.nii.gz`), { data: volume((r) => (r < radius ? 2 : rater === 2 && r > 14 ? 5 : 0)), shape: [32, 32, 2] });
    }
    const data = join(folder, "mbhseg");
    await processMbhseg({ raw: join(folder, "raw"), out: data, form: "multi" });
    for (const [classIndex, raters] of [[2, 3], [5, 1]] as const) {
      const run = join(folder, `class-${classIndex}`);
      await mkdir(run);
      await writeFile(join(run, "run.json"), JSON.stringify({ ...JSON.parse(await readFile(join(folder, "run", "run.json"), "utf8")), dataset: "mbhseg", classIndex }));
      await writeFile(join(run, "checkpoint.safetensors"), await readFile(join(folder, "run", "checkpoint.safetensors")));
      server = await serveDemo(await openAespaDemo(context({ run, data })));
      const { page, problems } = await visit();
      assert.match(await page.$eval("body", (body) => body.textContent ?? ""), new RegExp(`class ${classIndex} of mbhseg`));
      assert.equal(await page.$eval("#pick", (select) => (select as HTMLSelectElement).selectedOptions[0].textContent), "case_001/slice_0");
      assert.equal((await page.$$(".gallery figure")).length, raters);
      await clickAt(page, 0.5, 0.5);
      await rounds(page, 2);
      assert.equal((await history(page)).length, 2 * raters);
      assert.deepEqual(problems, []);
      await page.close();
      await server.close();
    }
  });

  it("refuses what cannot be shown, in one line, before a page is served", async () => {
    await assert.rejects(openAespaDemo(context({ run: "nowhere" })), { code: "not-found" });
    await assert.rejects(openAespaDemo(context({ run: "run", mask: ["rater0.png"] })), { code: "usage", message: /--mask goes with --image/ });
    await assert.rejects(openAespaDemo(context({ run: "run", image: ["absent.png"] })), { code: "not-found", message: /absent\.png: is not there/ });
    await mkdir(join(folder, "spa"));
    await writeFile(join(folder, "spa", "run.json"), (await readFile(join(folder, "run", "run.json"), "utf8")).replace('"mode": "aespa"', '"mode": "spa"'));
    await writeFile(join(folder, "spa", "checkpoint.safetensors"), await readFile(join(folder, "run", "checkpoint.safetensors")));
    await assert.rejects(openAespaDemo(context({ run: "spa" })), { code: "usage", message: /a run of SPA/ });
  });
});
