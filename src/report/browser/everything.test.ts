import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Page } from "puppeteer-core";
import { axeViolations } from "./axe.fixture.js";
import type { ResultRecord } from "../../results/index.js";
import { composeReport, openBrowser, printPdf, type BrowserSession } from "../index.js";
import { figureKinds } from "../template/figures.js";
import { everythingReport } from "../widgets.fixture.js";

/** What someone might call a case, a rater or a machine. */
const evil = `</script><img src=x onerror="hit()"><a href="https://evil.example/">x</a>'"&<b onclick=hit()>{{value}}`;

describe("a report with every figure and widget, in a real browser", { timeout: 240_000 }, () => {
  let session: BrowserSession;
  before(async () => {
    session = await openBrowser(process.env);
  });
  after(() => session[Symbol.asyncDispose]());

  /** Opens it and scrolls until everything is drawn. */
  async function visit(folder: string, html: string, { width = 1280, scheme = "light" } = {}): Promise<{ page: Page; problems: string[] }> {
    const address = pathToFileURL(join(folder, "report.html")).href;
    await writeFile(join(folder, "report.html"), html);
    const page = await session.browser.newPage();
    const problems: string[] = [];
    page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("dialog", (dialog) => problems.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && request.url() !== address) problems.push(request.url());
    });
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }]);
    await page.goto(address, { waitUntil: "load" });
    await page.evaluate(async () => {
      for (const place of document.querySelectorAll(".frame:not(.twin) > .canvas, .live")) {
        place.scrollIntoView();
        const until = performance.now() + 20_000;
        while (!(place.matches(".live") ? place.children.length : place.querySelector("svg.main-svg")) && performance.now() < until) await new Promise((done) => setTimeout(done, 20));
      }
    });
    return { page, problems };
  }

  test("every kind of figure and widget is drawn, offline, and axe-core finds nothing to object to, light or dark, wide or narrow", async () => {
    const folder = await everythingReport();
    const { html, warnings, items } = await composeReport({ folder });
    assert.deepEqual(warnings, []);
    assert.deepEqual(items.flatMap((item) => (item.kind === "figure" ? [item.id.replace("fig-", "")] : [])).sort(), [...figureKinds].sort(), "a new kind of figure belongs into the fixture");
    for (const [scheme, width] of [["light", 1280], ["dark", 390]] as const) {
      const { page, problems } = await visit(folder, html, { scheme, width });
      assert.deepEqual(problems, []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, "nothing is wider than the screen");
      assert.deepEqual(await axeViolations(page), [], scheme);
      await page.close();
    }
    assert.equal((await composeReport({ folder })).html, html, "the same records give the same bytes");
    const [first, second] = [await printPdf(html, session), await printPdf(html, session)];
    assert.deepEqual(first.overfull, []);
    assert.equal(Buffer.compare(first.bytes, second.bytes), 0);
  });

  test("hostile names of cases, groups, raters, series and authors stay text everywhere", async () => {
    const folder = await everythingReport({ change: hostile, label: evil });
    const { html } = await composeReport({ folder });
    assert.ok(html.includes("&lt;img src=x"), "they are there");
    const { page, problems } = await visit(folder, html);
    for (const open of ["#tab-auc tbody data", "#tab-rows tbody data"]) {
      await page.click(open);
      await page.waitForSelector("dialog[open]");
      await page.keyboard.press("Escape");
    }
    const found = await page.evaluate(() => ({
      foreign: [...document.querySelectorAll('img[src="x"], [onclick], [onerror], script[src], iframe')].map(({ outerHTML }) => outerHTML.slice(0, 120)),
      links: [...document.querySelectorAll("a")].map((a) => a.getAttribute("href") ?? a.getAttribute("xlink:href") ?? "").filter((href) => !href.startsWith("#")),
    }));
    assert.deepEqual(found, { foreign: [], links: [] });
    assert.deepEqual(problems, []);
    await page.close();
    await printPdf(html, session);
  });
});

/** Every text that a record brings from files: what queries and formats depend on stays as it is. */
function hostile(record: ResultRecord): ResultRecord {
  const texts = new Set(["title", "name", "detail", "xTitle", "yTitle", "case", "unit", "machine", "description", "engine", "device", "label"]);
  const turned = (value: unknown, key = ""): unknown => {
    if (typeof value === "string") return texts.has(key) ? `${value} ${evil}` : value;
    if (Array.isArray(value)) return value.some((item) => typeof item === "object") ? value.map((item) => turned(item)) : value;
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, turned(item, name)]));
  };
  const { columns, rows } = record.cases;
  const own = columns.flatMap((name, i) => (name === "case" || name === "machine" ? [i] : []));
  const { cases: _cases, ...rest } = record;
  return { ...(turned(rest) as ResultRecord), cases: { columns, rows: rows.map((row) => row.map((value, i) => (own.includes(i) ? `${String(value)} ${evil}` : value))) } };
}
