import assert from "node:assert/strict";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { inflateSync } from "node:zlib";
import type { Page } from "puppeteer-core";
import { axeViolations } from "./axe.fixture.js";
import { packageRoot } from "../../core/index.js";
import { writeRecord } from "../../results/index.js";
import { buildReport, composeReport, openBrowser, printPdf, type BrowserSession, type ComposedReport } from "../index.js";
import { normalisePdf } from "../pdf.js";
import { dialogueFixture } from "../dialogue.fixture.js";
import { studyFixture } from "../study.fixture.js";

const fivePapers = join(packageRoot, "reports", "five-papers");

describe("in a real browser", { timeout: 240_000 }, () => {
  let session: BrowserSession;
  let report: ComposedReport;
  let address: string;
  let results: string;

  before(async () => {
    results = await mkdtemp(join(tmpdir(), "folio-browser-"));
    for (const record of [...studyFixture(), ...dialogueFixture()]) await writeRecord(results, record);
    report = await composeReport({ folder: fivePapers, results });
    const file = join(await mkdtemp(join(tmpdir(), "folio-page-")), "report.html");
    await writeFile(file, report.html);
    address = pathToFileURL(file).href;
    session = await openBrowser(process.env);
  });
  after(() => session[Symbol.asyncDispose]());

  /** Opens the page, collects what went wrong and what it asked the network for, and sees all of it. */
  async function visit({ width = 1280, scheme = "light" } = {}): Promise<{ page: Page; problems: string[]; requests: string[] }> {
    const page = await session.browser.newPage();
    const problems: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }]);
    await page.goto(address, { waitUntil: "load" });
    await page.evaluate(async () => {
      for (const canvas of document.querySelectorAll(".frame:not(.twin) > .canvas")) {
        canvas.scrollIntoView();
        const until = performance.now() + 20_000;
        while (!canvas.querySelector("svg.main-svg") && performance.now() < until) await new Promise((done) => setTimeout(done, 20));
      }
      scrollTo(0, 0);
    });
    return { page, problems, requests: requests.filter((url) => !/^(data|blob):/.test(url) && url !== address) };
  }

  test("every figure is drawn, nothing is asked of the network, nothing complains", async () => {
    const { page, problems, requests } = await visit();
    assert.deepEqual(problems, []);
    assert.deepEqual(requests, []);
    assert.equal(await page.evaluate(() => document.querySelectorAll(".frame:not(.twin) > .canvas svg.main-svg:first-of-type").length > 0 && [...document.querySelectorAll(".frame:not(.twin) > .canvas")].every((canvas) => canvas.querySelector("svg.main-svg"))), true);
    await page.close();
  });

  test("the policy stops a script that tries to reach out", async () => {
    const { page } = await visit();
    const reached = await page.evaluate(() => fetch("https://example.org/").then(() => "reached", () => "stopped"));
    assert.equal(reached, "stopped");
    await page.close();
  });

  test("nothing is wider than a telephone, and the page wears the dark theme where it is asked for", async () => {
    const { page } = await visit({ width: 390, scheme: "dark" });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(15, 19, 23)");
    const before = await page.evaluate(() => document.querySelector("#fig-astra-roc .xtick text")!.getAttribute("style"));
    await page.click("#theme");
    await page.waitForFunction((was) => document.querySelector("#fig-astra-roc .xtick text")!.getAttribute("style") !== was, {}, before);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(251, 251, 249)");
    await page.close();
  });

  test("one threshold moves the point, the line, the decisions and the measures", async () => {
    const { page, problems } = await visit();
    const state = () =>
      page.evaluate(() => {
        const root = document.querySelector("#fig-astra-explorer")!;
        const [roc, histogram] = [...root.querySelectorAll(".canvas")] as unknown as { data: { x: number[]; y: number[] }[]; layout: { shapes: { x0: number }[] } }[];
        const count = (name: string) => Number(root.querySelector(`[data-count=${name}]`)!.textContent);
        const [tp, fp, tn, fn] = ["truePositives", "falsePositives", "trueNegatives", "falseNegatives"].map(count);
        return { tp, fp, tn, fn, point: [roc.data[1].x[0], roc.data[1].y[0]], line: histogram.layout.shapes[0].x0, recall: root.querySelector("[data-measure=Recall]")!.textContent };
      });
    const before = await state();
    await page.evaluate(() => {
      const slider = document.querySelector<HTMLInputElement>("#fig-astra-explorer input")!;
      slider.value = slider.min;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.waitForFunction((line) => (document.querySelectorAll("#fig-astra-explorer .canvas")[1] as unknown as { layout: { shapes: { x0: number }[] } }).layout.shapes[0].x0 !== line, {}, before.line);
    const after = await state();
    assert.deepEqual([after.tn, after.fn, after.recall], [0, 0, "1.00"], "at the lowest score everything is called anomalous");
    assert.deepEqual(after.point, [1, 1]);
    assert.equal(before.tp + before.fn, after.tp);
    await page.select("#fig-astra-explorer [data-part=group]", "valve, target");
    await page.waitForFunction(() => document.querySelector("#fig-astra-explorer [data-show=group]")!.textContent === "valve, target");
    await page.evaluate(() => ((document.querySelector("#fig-astra-explorer .cases") as HTMLDetailsElement).open = true));
    await page.click("#fig-astra-explorer .cases tbody tr:nth-child(2)");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.evaluate(() => [...document.querySelectorAll("#fig-astra-explorer .cases tr")].findIndex((row) => row.getAttribute("aria-selected") === "true")), 3);
    assert.deepEqual(problems, []);
    await page.close();
  });

  test("a printed number shows its record, by keyboard too", async () => {
    const { page, problems } = await visit();
    await page.focus("#tab-astra-auc data");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    const text = await page.$eval("dialog[open]", (dialog) => dialog.textContent ?? "");
    assert.match(text, /astra-ae-mse-quick-seed1/);
    assert.match(text, /5f5f5f5f/);
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement?.closest("table") !== null), true);
    assert.deepEqual(problems, []);
    await page.close();
  });

  test("a table sorts by a column and returns to its own order", async () => {
    const { page } = await visit();
    const column = () => page.$$eval("#tab-astra-auc tbody tr:not(.summary)", (rows) => rows.map((row) => Number(row.querySelectorAll("data")[0].getAttribute("value"))));
    const own = await column();
    const sort = "#tab-astra-auc thead tr:last-child th:nth-child(3) button";
    await page.click(sort);
    assert.deepEqual(await column(), own.toSorted((a, b) => b - a));
    await page.click(sort);
    assert.deepEqual(await column(), own.toSorted((a, b) => a - b));
    await page.click(sort);
    assert.deepEqual(await column(), own);
    await page.close();
  });

  test("axe-core finds nothing to object to, light or dark", async () => {
    for (const scheme of ["light", "dark"]) {
      const { page } = await visit({ scheme });
      assert.deepEqual(await axeViolations(page), [], scheme);
      await page.close();
    }
  });

  test("once the static drawings stand, nothing draws over them", async () => {
    const { page } = await visit();
    await page.evaluate(async () => {
      await (window as unknown as { folio: { print(): Promise<void> } }).folio.print();
      dispatchEvent(new Event("beforeprint"));
      for (const canvas of document.querySelectorAll(".frame:not(.twin) > .canvas")) canvas.scrollIntoView();
      await new Promise((done) => setTimeout(done, 300));
    });
    const live = await page.evaluate(() => [...document.querySelectorAll(".frame:not(.twin) > .canvas")].filter((canvas) => canvas.querySelector(".plot-container") || canvas.children.length !== 1).length);
    assert.equal(live, 0);
    await page.close();
  });

  test("the PDF has text, bookmarks, tags, embedded fonts and vector drawings, and the same bytes twice", async () => {
    const [first, second] = [(await printPdf(report.html, session)).bytes, (await printPdf(report.html, session)).bytes];
    assert.equal(Buffer.compare(first, second), 0);
    const pdf = readPdf(first);
    assert.ok(pdf.pages >= 5 && pdf.pages <= 30, `${pdf.pages} pages`);
    for (const key of ["/StructTreeRoot", "/Outlines", "/ToUnicode", "/FontFile2"]) assert.ok(pdf.objects.includes(key), key);
    assert.ok(!pdf.objects.includes("/Subtype /Type3") || pdf.objects.split("/Subtype /Type3").length <= 2, "fonts are embedded as they are");
    assert.ok(pdf.lines > 500, `${pdf.lines} drawn paths`);
    assert.match(pdf.objects, /\/CreationDate ?\(D:20000101000000/);
  });

  test("names that a browser counts from anywhere become the same ones", () => {
    const pdf = (first: number): Uint8Array => Buffer.from(`<</ID (node${String(first).padStart(8, "0")})>> <</ID (node${String(first + 11).padStart(8, "0")})>> [(node${String(first).padStart(8, "0")})] /ModDate (D:20261125213000+00'00')`, "latin1");
    assert.equal(Buffer.compare(normalisePdf(pdf(86)), normalisePdf(pdf(87))), 0);
    assert.match(Buffer.from(normalisePdf(pdf(86))).toString(), /node00000001.*node00000002.*\(node00000001\).*D:20000101000000/);
  });

  test("the browser's name gives way to the authors', as many as fit, without moving a byte", () => {
    const pdf = Buffer.from("1 0 obj <</Creator (Mozilla/5.0 \\(X11\\) HeadlessChrome/156.0 and more text)\n/Producer (Skia)>>");
    const named = (...authors: string[]): string => Buffer.from(normalisePdf(pdf, authors)).toString("latin1");
    assert.match(named("A (B)", "C"), /^1 0 obj <<\/Creator \(Folio\) \/Author \(A \\\(B\\\), C\) *\n\/Producer \(Skia\)>>$/);
    assert.match(named("Ö"), /\/Author <FEFF00D6>/);
    assert.match(named("A".repeat(20), "B".repeat(40)), /\/Author \(A{20} et al\.\)/);
    for (const text of [named(), named("A"), named("Ä".repeat(80))]) assert.equal(text.length, pdf.length);
  });

  test("figures go out as SVG, PDF and PNG with their numbers, tables as LaTeX and CSV, the same bytes twice", async () => {
    const out = await mkdtemp(join(tmpdir(), "folio-out-"));
    const request = { folder: fivePapers, results, formats: [], exports: ["svg", "pdf", "png", "csv", "tex"], env: process.env } as const;
    const { files } = await buildReport({ ...request, out });
    const roc = (kind: string): Promise<Buffer> => readFile(join(out, "figures", `fig-astra-roc.${kind}`));
    assert.match(String(await roc("svg")), /^<svg[^>]* role="img"><title>ROC curves\. [^<]*<\/title>[\s\S]*Generated data/);
    assert.doesNotMatch(String(await roc("svg")), /<image/);
    const page = await session.browser.newPage();
    for (const file of files.filter((name) => name.endsWith(".svg"))) {
      const flaw = await page.evaluate((text) => new DOMParser().parseFromString(text, "image/svg+xml").querySelector("parsererror")?.textContent, await readFile(file, "utf8"));
      assert.equal(flaw, undefined, file);
    }
    await page.close();
    assert.equal((await roc("png")).readUInt32BE(16), 1050); // 336 px at 300 dpi
    assert.match(String(await roc("csv")), /^series,false_positive_rate,true_positive_rate\n/);
    assert.equal(readPdf(await roc("pdf")).pages, 1);
    assert.equal(files.length, report.figures.length * 4 + report.tables.length * 2 + 1);
    const again = await mkdtemp(join(tmpdir(), "folio-out-"));
    await buildReport({ ...request, out: again });
    for (const file of files) assert.equal(Buffer.compare(await readFile(file), await readFile(file.replace(out, again))), 0, file);
  });
});

/** What a test asks of a PDF: its objects as text, pages, and drawing operators of its content streams. */
function readPdf(bytes: Uint8Array): { objects: string; pages: number; lines: number } {
  const raw = Buffer.from(bytes).toString("latin1");
  const streams = [...raw.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(([, body]) => {
    try {
      return inflateSync(Buffer.from(body, "latin1")).toString("latin1");
    } catch {
      return "";
    }
  });
  const objects = raw + streams.filter((stream) => stream.includes("/Type")).join("\n");
  return { objects, pages: objects.match(/\/Type ?\/Page\b(?!s)/g)?.length ?? 0, lines: streams.join("\n").match(/ [lc]\n/g)?.length ?? 0 };
}
