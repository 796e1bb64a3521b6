import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Page } from "puppeteer-core";
import { axeViolations } from "../../../report/browser/axe.fixture.js";
import { silent } from "../../../core/index.js";
import { openEngine } from "../../../engine/index.js";
import { initActorCritic, initSegmenter, openAsmrRun, presets, saveWeights } from "../../../methods/asmr/index.js";
import { disposeWeights } from "../../../nn/index.js";
import { openBrowser, type BrowserSession } from "../../../report/index.js";
import type { DemoContext } from "../../demo.js";
import { serveDemo, type DemoServer } from "../../server.js";
import { visitDemo } from "../../visit.fixture.js";
import { openAsmrDemo } from "./open.js";

describe("folio demo asmr, in a real browser", { timeout: 240_000 }, () => {
  let browser: BrowserSession;
  let server: DemoServer;
  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), "folio-demo-asmr-"));
    // Runs as training leaves them, without the training: what is tested here is the page.
    const engine = await openEngine();
    for (const [name, seed] of [["one", 1], ["two", 2]] as const) {
      const config = presets.quick;
      await openAsmrRun(join(folder, name), { schema: "folio.run/1", method: "asmr", preset: "quick", seed, config, data: "" });
      for (const [file, { weights }] of [["reward-model", initSegmenter(engine.tf, config, seed)], ["policy", initActorCritic(engine.tf, config, seed)]] as const) {
        await saveWeights(join(folder, name), file, weights);
        disposeWeights(weights);
      }
    }
    await engine.close();
    const context: DemoContext = { options: { engine: "auto", run: ["one", "two"] }, cwd: folder, progress: silent, signal: new AbortController().signal, say: () => {} };
    server = await serveDemo(await openAsmrDemo(context));
    browser = await openBrowser(process.env);
  });
  after(async () => {
    await browser?.[Symbol.asyncDispose]();
    await server?.close();
  });

  const visit = (how?: { width: number; scheme: string }) => visitDemo(browser, server.url, ".history tbody tr", how);

  const lines = (page: Page, count: number) => page.waitForFunction((wanted) => document.querySelector("[role=status] b")?.textContent === wanted, { timeout: 15_000 }, `${count} of 8 lines`);
  const columns = (page: Page) => page.$eval("[role=status] p", (element) => /columns (.*)$/.exec(element.textContent ?? "")?.[1] ?? "");
  async function clickColumn(page: Page, column: number): Promise<void> {
    const box = (await (await page.$("canvas"))!.boundingBox())!;
    await page.mouse.click(box.x + ((column + 0.5) / 48) * box.width, box.y + box.height / 2);
  }

  it("acquires a clicked column and the policy's, undoes, starts again, and refuses a column twice", async () => {
    const { page, problems } = await visit();
    await lines(page, 0);
    await clickColumn(page, 24);
    await lines(page, 1);
    assert.equal(await columns(page), "24");
    await page.keyboard.press("n");
    await lines(page, 2);
    await clickColumn(page, 24);
    await page.waitForFunction(() => [...document.querySelectorAll(".toast")].some((each) => each.textContent?.includes("not acquired yet")), { timeout: 10_000 });
    await page.keyboard.press("u");
    await lines(page, 1);
    await page.keyboard.press("c");
    await lines(page, 0);
    assert.deepEqual(problems.filter((each) => !each.includes("400")), []);
    await page.close();
  });

  it("says whether the policy looks: on how many slices it takes how many sets of columns", async () => {
    const { page, problems } = await visit();
    const note = async (budget: number): Promise<string> => (await page.waitForFunction((wanted) => [document.querySelector(".variety")?.textContent].find((text) => text?.startsWith(wanted)), { timeout: 15_000 }, `Left alone with ${budget} lines, this policy takes`)).jsonValue() as Promise<string>;
    assert.match(await note(8), /(the same columns on each of|\d+ different sets of columns on) 48 slices/);
    await page.$eval("input[type=range]", (input) => {
      input.value = "47";
      input.dispatchEvent(new Event("input"));
    });
    await page.waitForFunction(() => document.querySelector("[role=status] b")?.textContent?.startsWith("0 of 32 lines"), { timeout: 15_000 });
    assert.match(await note(32), /48 slices/);
    assert.deepEqual(problems, []);
    await page.close();
  });

  it("plays to the end of the budget with the policy, as it would alone", async () => {
    const { page } = await visit();
    await page.keyboard.press("p");
    await lines(page, 8);
    await page.waitForFunction(() => document.querySelector("[role=status]")?.textContent?.includes("level with the policy alone"), { timeout: 5000 });
    const cells = await page.$$eval(".history tbody tr:last-child td", (row) => row.map((cell) => cell.textContent));
    assert.equal(cells[1], cells[2]);
    assert.equal(await page.$eval("button.primary", (one) => one.disabled), true);
    await page.close();
  });

  it("follows another chooser, slice, budget and run", async () => {
    const { page, problems } = await visit();
    await page.evaluate(() => (document.querySelector("input[value=centre]") as HTMLInputElement).click());
    for (const count of [1, 2, 3]) {
      await page.keyboard.press("n");
      await lines(page, count);
    }
    assert.equal(await columns(page), "24, 23, 25");
    await page.select("#slice", "5");
    await lines(page, 0);
    await page.select("#run", "1");
    await lines(page, 0);
    await page.$eval("input[type=range]", (input) => {
      input.value = "11";
      input.dispatchEvent(new Event("input"));
    });
    await page.waitForFunction(() => document.querySelector("[role=status] b")?.textContent === "0 of 11 lines", { timeout: 15_000 });
    assert.equal((await page.$$(".history tbody tr")).length, 12);
    assert.deepEqual(problems, []);
    await page.close();
  });

  for (const [width, scheme] of [[1280, "light"], [390, "dark"]] as const) {
    it(`has no accessibility problem at ${width} pixels, ${scheme}`, async () => {
      const { page } = await visit({ width, scheme });
      await clickColumn(page, 20);
      await lines(page, 1);
      assert.deepEqual(await axeViolations(page), []);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the screen");
      if (process.env.FOLIO_SCREENSHOTS) await page.screenshot({ path: join(process.env.FOLIO_SCREENSHOTS, `asmr-${width}.png`), fullPage: true });
      await page.close();
    });
  }
});
