import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Page } from "puppeteer-core";
import { axeViolations } from "../../../report/browser/axe.fixture.js";
import { askAbout, drawScene } from "../../../datasets/index.js";
import { seededRandom, silent } from "../../../core/index.js";
import { openEngine } from "../../../engine/index.js";
import { encodePng, writeCsv, writePng } from "../../../io/index.js";
import { initPrsMed, openPrsMedRun, presets, saveCheckpoint } from "../../../methods/prs-med/index.js";
import { disposeWeights, startOfTraining, trainBpe } from "../../../nn/index.js";
import { openBrowser, type BrowserSession } from "../../../report/index.js";
import type { DemoContext } from "../../demo.js";
import { serveDemo, type DemoServer } from "../../server.js";
import { visitDemo } from "../../visit.fixture.js";
import { openPrsMedDemo } from "./open.js";

describe("folio demo prs-med, in a real browser", { timeout: 240_000 }, () => {
  let browser: BrowserSession;
  let server: DemoServer;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "folio-demo-prs-med-"));
    await writeData(join(folder, "data"));
    // A run as training leaves it, without the training: what is tested here is the page.
    const engine = await openEngine();
    const config = presets.quick;
    await openPrsMedRun(join(folder, "run"), { schema: "folio.run/1", method: "prs-med", preset: "quick", variant: "full", seed: 1, config, data: "" });
    const model = initPrsMed(engine.tf, config, trainBpe(["Where is the dark lesion in this scan?", "The lesion is in the top left."], { vocabulary: 80 }), 1);
    await saveCheckpoint(join(folder, "run"), { training: startOfTraining(1e-3), losses: [] }, model);
    disposeWeights(model.weights);
    await engine.close();
    const context: DemoContext = { options: { engine: "auto", run: "run", data: "data" }, cwd: folder, progress: silent, signal: new AbortController().signal, say: () => {} };
    server = await serveDemo(await openPrsMedDemo(context));
    browser = await openBrowser(process.env);
  });
  after(async () => {
    await browser?.[Symbol.asyncDispose]();
    await server?.close();
  });

  /** Two pictures of two lesions each to ask about, and one for training, in the published layout. */
  async function writeData(root: string): Promise<void> {
    const rows = [];
    for (const at of [0, 1, 2]) {
      const split = at === 2 ? "train" : "test";
      const scene = drawScene({ modality: 4, lesions: [{ zone: "top left", attribute: "dark" }, { zone: "bottom right", attribute: "bright" }] }, 64, seededRandom(at));
      for (const [i, lesion] of scene.lesions.entries()) {
        const name = `${at}${i}.png`;
        await writePng(join(root, `skin_rgbimage/${split}_images`, name), { width: 64, height: 64, channels: 3, data: scene.pixels });
        await writePng(join(root, `skin_rgbimage/${split}_masks`, name), { width: 64, height: 64, channels: 1, data: lesion.mask.map((on) => 255 * on) });
        rows.push({ image_path: `skin_rgbimage/${split}_masks/${name}`, image_name: name, ...askAbout("attr", scene, lesion, split, seededRandom(i)), split, kind: "attr", group: `g${at}` });
      }
    }
    await writeCsv(join(root, "annotations/skin_rgbimage.csv"), { columns: ["image_path", "image_name", "question", "answer", "position", "split", "kind", "group"], rows });
  }

  const visit = (how?: { width: number; scheme: string }) => visitDemo(browser, server.url, ".suggestions button", how);

  const answered = (page: Page) => page.waitForFunction(() => document.querySelectorAll("#facts dt").length >= 2, { timeout: 20_000 });
  const ask = async (page: Page, question: string): Promise<void> => {
    await page.$eval("#question", (input) => ((input as HTMLInputElement).value = ""));
    await page.type("#question", question);
    await page.keyboard.press("Enter");
    await answered(page);
  };

  it("answers a typed question, shows its pieces, and a piece's map on request", async () => {
    const { page, problems } = await visit();
    await ask(page, "Where is the dark lesion?");
    assert.deepEqual(await page.$$eval("#facts dt", (names) => names.map((name) => name.textContent)), ["The mask lies", "The words"]);
    const pieces = await page.$$(".pieces button");
    assert.ok(pieces.length >= 4);
    await pieces[1].click();
    assert.equal(await page.$$eval(".pieces button[aria-pressed=true]", (pressed) => pressed.length), 1);
    assert.deepEqual(problems, []);
    await page.close();
  });

  it("takes a suggestion, another picture, and says which words it never read", async () => {
    const { page } = await visit();
    await page.click(".suggestions button");
    await answered(page);
    await page.select("#picture", "1");
    await page.waitForFunction(() => document.querySelector("#answer")?.textContent === "Ask something.");
    await ask(page, "Zebrafish, where?");
    assert.match(await page.$eval("#facts", (facts) => facts.textContent ?? ""), /Never read.*Zebrafish/);
    await page.close();
  });

  it("opens a picture of one's own and refuses what is none; an empty question is refused in words", async () => {
    const { page } = await visit();
    const input = (await page.$("input[type=file]"))!;
    const own = join(folder, "own.png");
    await writeFile(own, encodePng({ width: 20, height: 10, channels: 1, data: new Uint8Array(200).fill(90) }));
    await input.uploadFile(own);
    await page.waitForFunction(() => (document.querySelector("#picture") as HTMLSelectElement | null)?.selectedOptions[0]?.textContent === "your own picture");
    await ask(page, "Where is the lesion?");
    await writeFile(own, "no picture");
    await input.uploadFile(own);
    await page.waitForFunction(() => [...document.querySelectorAll(".toast")].some((each) => each.textContent?.includes("own.png")));
    await page.$eval("#question", (field) => ((field as HTMLInputElement).value = " "));
    await page.click("button.primary");
    await page.waitForFunction(() => [...document.querySelectorAll(".toast")].some((each) => each.textContent?.includes("must not be empty")));
    await page.close();
  });

  for (const [width, scheme] of [[1280, "light"], [390, "dark"]] as const) {
    it(`has no accessibility problem at ${width} pixels, ${scheme}`, async () => {
      const { page } = await visit({ width, scheme });
      await ask(page, "Where is the dark lesion?");
      assert.deepEqual(await axeViolations(page), []);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the screen");
      if (process.env.FOLIO_SCREENSHOTS) await page.screenshot({ path: join(process.env.FOLIO_SCREENSHOTS, `prs-med-${width}.png`), fullPage: true });
      await page.close();
    });
  }
});
