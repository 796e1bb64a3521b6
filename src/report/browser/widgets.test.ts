import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Page } from "puppeteer-core";
import { ged } from "../../metrics/index.js";
import { artifact } from "../../results/index.js";
import { composeReport, openBrowser, printPdf, type BrowserSession, type ComposedReport } from "../index.js";
import { picturesFixture } from "../pictures.fixture.js";
import { widgetsReport } from "../widgets.fixture.js";

describe("widgets in a real browser", { timeout: 180_000 }, () => {
  let session: BrowserSession;
  let report: ComposedReport;
  let address: string;

  before(async () => {
    report = await composeReport({ folder: await widgetsReport() });
    const file = join(await mkdtemp(join(tmpdir(), "folio-page-")), "report.html");
    await writeFile(file, report.html);
    address = pathToFileURL(file).href;
    session = await openBrowser(process.env);
  });
  after(() => session[Symbol.asyncDispose]());

  async function visit(): Promise<{ page: Page; problems: string[] }> {
    const page = await session.browser.newPage();
    const problems: string[] = [];
    page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && request.url() !== address) problems.push(request.url());
    });
    await page.setViewport({ width: 1280, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }, { name: "prefers-reduced-motion", value: "reduce" }]);
    await page.goto(address, { waitUntil: "load" });
    for (const id of ["steps", "cases", "raters", "scan", "surface"]) {
      await page.evaluate((name) => document.querySelector(`#fig-${name}`)!.scrollIntoView(), id);
      await page.waitForFunction((name) => document.querySelector(`#fig-${name} .live`)!.children.length > 0, {}, id);
    }
    return { page, problems };
  }
  const text = (page: Page, selector: string): Promise<string> => page.$eval(selector, (found) => found.textContent ?? "");

  test("steps go by slider, buttons and keys; overlays are taken away; nothing moves by itself where motion is unwanted", async () => {
    const { page, problems } = await visit();
    assert.equal(await text(page, "#fig-steps output"), "16 of 64 columns");
    await page.focus("#fig-steps .stage");
    await page.keyboard.press("ArrowRight");
    assert.equal(await text(page, "#fig-steps output"), "18 of 64 columns");
    assert.equal(await text(page, "#fig-steps .facts dd"), "0.540");
    await page.keyboard.press("End");
    assert.equal(await text(page, "#fig-steps output"), "32 of 64 columns");
    assert.equal(await page.$$eval("#fig-steps svg path", (paths) => paths.length), 2);
    await page.click("#fig-steps .toggle input");
    assert.equal(await page.$$eval("#fig-steps svg path", (paths) => paths.length), 1);
    assert.equal(await page.$$eval("#fig-steps button", (buttons) => buttons.some((button) => button.textContent === "Play")), false);
    assert.deepEqual(problems, []);
    await page.close();
  });

  test("cases sort by a metric, and a row or a key shows the case", async () => {
    const { page, problems } = await visit();
    const dice = () => page.$$eval("#fig-cases tbody tr", (rows) => rows.map((row) => Number(row.children[1].textContent)));
    await page.click("#fig-cases thead th:nth-child(2) button");
    const falling = await dice();
    assert.deepEqual(falling, falling.toSorted((a, b) => b - a));
    await page.click("#fig-cases tbody tr:nth-child(3)");
    const [third, fourth] = await page.$$eval("#fig-cases tbody th", (heads) => [heads[2].textContent!, heads[3].textContent!]);
    assert.equal(await text(page, "#fig-cases output"), third);
    await page.focus("#fig-cases .stage");
    await page.keyboard.press("ArrowRight");
    assert.equal(await text(page, "#fig-cases output"), fourth, "the next case is the next row, as sorted");
    assert.deepEqual(problems, []);
    await page.close();
  });

  test("the raters chosen decide agreement and energy distance, which is that of the tables", async () => {
    const { page, problems } = await visit();
    const { raters, samples = [] } = artifact(picturesFixture()[0], "agreement")!;
    const expected = (chosen: readonly number[]): string => (ged(samples.map(({ mask }) => mask.values as number[]), chosen.map((i) => raters[i].mask.values as number[])) as { score: number }).score.toFixed(3);
    const shown = () => page.$$eval("#fig-raters .facts dd", (all) => all.map((one) => one.textContent));
    assert.equal((await shown())[3], expected([0, 1, 2]));
    await page.click("#fig-raters .toggle:nth-of-type(3) input");
    const [count, , , distance] = await shown();
    assert.deepEqual([count, distance], ["2", expected([0, 1])]);
    assert.deepEqual(problems, []);
    await page.close();
  });

  test("a scan opens in its middle with its outline, a surface turns by keys", async () => {
    const { page, problems } = await visit();
    assert.match(await text(page, "#fig-scan output"), /^Slice [678] of 12$/);
    assert.equal(await page.$$eval("#fig-scan svg path", (paths) => paths.length), 1);
    assert.deepEqual(await page.$$eval("#fig-scan .letter", (letters) => letters.map((letter) => letter.textContent)), ["R", "L", "A", "P"]);
    await page.focus("#fig-surface canvas");
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction(() => document.querySelector("#fig-surface output")!.textContent!.startsWith("turned 45°"));
    const painted = await page.$eval("#fig-surface canvas", (canvas) => (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(400, 400, 1, 1).data[3]);
    assert.equal(painted, 255);
    assert.deepEqual(problems, []);
    await page.close();
  });

  test("in print every widget is its twin", async () => {
    const { page } = await visit();
    await page.evaluate(() => (window as unknown as { folio: { print(): Promise<void> } }).folio.print());
    await page.emulateMediaType("print");
    assert.deepEqual(await page.$$eval(".widget", (all) => all.map((one) => [getComputedStyle(one.querySelector(".live")!).display, one.querySelectorAll(".twin svg").length > 0])), Array.from({ length: 5 }, () => ["none", true]));
    const { bytes, overfull } = await printPdf(report.html, session);
    assert.ok(bytes.length > 20_000);
    assert.deepEqual(overfull, []);
    await page.close();
  });

  test("a table that no type makes fit is told; one that small type makes fit is not", async () => {
    const wide = (columns: number): string => `<figure class="table" id="tab-${columns}"><figcaption>c</figcaption><div class="scroll"><table><thead><tr><td></td></tr></thead><tbody><tr>${Array.from({ length: columns }, (_, i) => `<td>column${i}</td>`).join("")}</tr></tbody></table></div></figure>`;
    const { overfull } = await printPdf(report.html.replace('<div class="body">', `<div class="body">${wide(13)}${wide(40)}`), session);
    assert.deepEqual(overfull, ["tab-40"]);
  });

  test("lines of the text are numbered from one on, in order, where a report asks for it", async () => {
    const folder = await widgetsReport("One line.\n\nA second paragraph that is long enough to take more than one line of the page, because a reviewer points at lines and not at paragraphs, and so it goes on and on.");
    await writeFile(join(folder, "report.json"), JSON.stringify({ title: "Lines", results: "./results", lineNumbers: true }));
    const { html } = await composeReport({ folder });
    const page = await session.browser.newPage();
    await page.setViewport({ width: 680, height: 1000 });
    await page.emulateMediaType("print");
    await page.setContent(html, { waitUntil: "load" });
    await page.evaluate(async () => {
      const { folio } = window as unknown as { folio: { print(): Promise<void>; layout(): string[] } };
      await folio.print();
      folio.layout();
    });
    const numbers = await page.$$eval(".line-number", (all) => all.map((one) => ({ n: Number(one.textContent), top: one.getBoundingClientRect().top })));
    assert.deepEqual(numbers.map(({ n }) => n), numbers.map((_, i) => i + 1));
    assert.ok(numbers.every(({ top }, i) => i === 0 || top > numbers[i - 1].top), "downwards");
    assert.ok(await page.$$eval("p", (all) => all.some((one) => one.querySelectorAll(".line-number").length >= 2)));
    await page.close();
  });
});
