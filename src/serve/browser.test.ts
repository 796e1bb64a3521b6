import assert from "node:assert/strict";
import { writeFile, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Page } from "puppeteer-core";
import { axeViolations } from "../report/browser/axe.fixture.js";
import { openBrowser, type BrowserSession } from "../report/index.js";
import { openExample } from "./example/definition.fixture.js";
import { serveDemo, type DemoServer } from "./server.js";
import { visitDemo } from "./visit.fixture.js";

describe("the page kit, in a real browser", { timeout: 120_000 }, () => {
  let browser: BrowserSession;
  let server: DemoServer;
  before(async () => {
    browser = await openBrowser(process.env);
    server = await serveDemo(openExample(16));
  });
  after(async () => {
    await server.close();
    await browser[Symbol.asyncDispose]();
  });

  const visit = (how?: { width?: number; scheme?: string }) => visitDemo(browser, server.url, "#count", how);

  const count = (page: Page, wanted: number) => page.waitForFunction((text) => document.getElementById("count")?.textContent === text, { timeout: 5000 }, String(wanted));

  /** The colour of the canvas at a pixel of the picture. */
  const colourAt = (page: Page, x: number, y: number): Promise<number[]> =>
    page.evaluate(async (px, py) => {
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const canvas = document.querySelector("canvas")!;
      const scale = canvas.width / 16;
      const copy = document.createElement("canvas").getContext("2d")!;
      copy.drawImage(canvas, (px + 0.5) * scale, (py + 0.5) * scale, 1, 1, 0, 0, 1, 1);
      return [...copy.getImageData(0, 0, 1, 1).data].slice(0, 3);
    }, x, y);

  async function placeOf(page: Page, x: number, y: number): Promise<[number, number]> {
    const box = (await (await page.$("canvas"))!.boundingBox())!;
    return [box.x + ((x + 0.5) * box.width) / 16, box.y + ((y + 0.5) * box.height) / 16];
  }

  it("a click marks the pixel under the pointer, a right click clears it", async () => {
    const { page, problems } = await visit();
    const [r, g, b] = await colourAt(page, 11, 4);
    assert.ok(r === g && g === b, "grey before");
    await page.mouse.click(...(await placeOf(page, 11, 4)));
    await count(page, 1);
    await page.mouse.move(0, 0);
    const marked = await colourAt(page, 11, 4);
    assert.ok(marked[0] > marked[2] + 40, `orange after: ${marked}`);
    await page.mouse.click(...(await placeOf(page, 11, 4)), { button: "right" });
    await count(page, 2);
    await page.mouse.move(0, 0);
    assert.deepEqual(await colourAt(page, 11, 4), [r, g, b]);
    assert.deepEqual(problems, []);
    await page.close();
  });

  it("works with the keyboard alone", async () => {
    const { page, problems } = await visit();
    await page.focus("canvas");
    for (const key of ["ArrowRight", "ArrowDown", "ArrowDown"] as const) await page.keyboard.press(key);
    assert.match(await page.$eval(".where", (line) => line.textContent ?? ""), /^x 9, y 10 · level 9$/);
    await page.keyboard.press("Enter");
    await count(page, 1);
    await page.keyboard.press("+");
    await page.keyboard.press("0");
    await page.keyboard.press("s");
    await page.waitForFunction(() => document.querySelector(".toast")?.textContent?.includes("S was pressed"));
    assert.deepEqual(problems, []);
    await page.close();
  });

  it("works by touch, on a telephone, and nothing is wider than it", async () => {
    const { page, problems } = await visit({ width: 390, scheme: "dark" });
    await page.touchscreen.tap(...(await placeOf(page, 3, 12)));
    await count(page, 1);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(15, 19, 23)");
    await page.click("#theme");
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(251, 251, 249)");
    assert.deepEqual(problems, []);
    await page.close();
  });

  it("two tabs are two users; a reload keeps what one has", async () => {
    const [one, two] = [await visit(), await visit()];
    await one.page.bringToFront();
    await one.page.mouse.click(...(await placeOf(one.page, 5, 5)));
    await count(one.page, 1);
    assert.equal(await two.page.$eval("#count", (output) => output.textContent), "0");
    await one.page.reload();
    await one.page.waitForSelector("#count");
    await count(one.page, 1);
    await Promise.all([one, two].map(({ page }) => page.close()));
  });

  it("a file can be loaded; a wrong one and a failure are shown, not lost", async () => {
    const { page } = await visit();
    const file = join(await mkdtemp(join(tmpdir(), "folio-demo-")), "marks.bin");
    const input = (await page.$("input[type=file]"))!;
    await writeFile(file, new Uint8Array(256).fill(255));
    await input.uploadFile(file);
    await page.waitForFunction(() => document.querySelectorAll(".toast").length === 0);
    await writeFile(file, new Uint8Array(255));
    await input.uploadFile(file);
    await page.waitForFunction(() => document.querySelector(".toast[role=alert]")?.textContent?.includes("marks.bin: must hold 256 bytes, but got 255"));
    await page.evaluate(() => [...document.querySelectorAll("button")].find((button) => button.textContent === "Fail")!.click());
    await page.waitForFunction(() => [...document.querySelectorAll(".toast")].some((toast) => toast.textContent?.includes("the terminal says more")));
    await page.close();
  });

  it("the policy stops inline scripts and other hosts; axe finds nothing, light or dark", async () => {
    for (const scheme of ["light", "dark"]) {
      const { page } = await visit({ scheme });
      const stopped = await page.evaluate(async () => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        const reached = await fetch("https://example.org/").then(() => "reached", () => "stopped");
        return [(window as unknown as { ran?: boolean }).ran ?? false, reached];
      });
      assert.deepEqual(stopped, [false, "stopped"]);
      await page.mouse.click(...(await placeOf(page, 5, 5)));
      assert.deepEqual(await axeViolations(page), []);
      await page.close();
    }
  });
});
