import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { composeReport, openBrowser, type BrowserSession } from "../index.js";
import type { TableModel } from "../table/model.js";
import { tableHtml } from "../table/html.js";
import { widgetsReport } from "../widgets.fixture.js";

/** What stands between the margins of an A4 page, in CSS pixels. */
const [pageWidth, pageHeight] = [680, (256 / 25.4) * 96];

describe("pages in print", { timeout: 120_000 }, () => {
  let session: BrowserSession;
  let page: string;
  before(async () => {
    session = await openBrowser(process.env);
    page = (await composeReport({ folder: await widgetsReport("Some text.") })).html;
  });
  after(() => session[Symbol.asyncDispose]());

  /** The blocks as they fall on pages, measured in columns as tall as a page: the browser breaks both by the same rules. */
  async function laidOut(body: string): Promise<{ id: string; parts: { page: number; top: number; bottom: number }[]; rows: { page: number; top: number }[] }[]> {
    const tab = await session.browser.newPage();
    await tab.setViewport({ width: pageWidth, height: 1000 });
    await tab.emulateMediaType("print");
    await tab.setContent(page.replace(/<div class="body">[\s\S]*?<footer>/, `<div class="body">${body}</div><footer>`), { waitUntil: "load" });
    const found = await tab.evaluate(async ({ width, height }) => {
      const { folio } = window as unknown as { folio: { print(): Promise<void>; layout(): string[] } };
      await folio.print();
      await document.fonts.ready;
      folio.layout();
      const main = document.querySelector("main")!;
      Object.assign(main.style, { columns: `${width}px auto`, columnGap: "0", columnFill: "auto", height: `${height}px`, width: `${width}px` });
      const { left, top } = main.getBoundingClientRect();
      const pageOf = (x: number): number => Math.round((x - left) / width) + 1;
      return [...document.querySelectorAll(".body > *")].map((block) => ({
        id: block.id || block.tagName,
        parts: [...block.getClientRects()].map((part) => ({ page: pageOf(part.left), top: part.top - top, bottom: part.bottom - top })),
        rows: [...block.querySelectorAll("tbody tr")].map((row) => ({ page: pageOf(row.getBoundingClientRect().left), top: row.getBoundingClientRect().top - top })),
      }));
    }, { width: pageWidth, height: pageHeight });
    await tab.close();
    return found;
  }

  test("a long table goes on over pages between its rows, a short one is moved whole, and the text fills the room it leaves", async () => {
    const blocks = await laidOut(`${paragraphs(14)}${table("tab-long", 70)}<h3>Next</h3>${paragraphs(4)}${table("tab-short", 10)}${paragraphs(12)}`);
    const long = blocks.find(({ id }) => id === "tab-long")!;
    const pages = [...new Set(long.rows.map((row) => row.page))];
    assert.ok(pages.length >= 2, `on pages ${pages.join(", ")}`);
    for (const at of pages) assert.ok(long.rows.filter((row) => row.page === at).length >= 3, `at least three rows on page ${at}`);
    for (const at of pages.slice(1)) assert.ok(long.rows.find((row) => row.page === at)!.top > 15, "below its head, which stands there again");
    assert.equal(blocks.find(({ id }) => id === "tab-short")!.parts.length, 1);
    assertFull(blocks);
  });

  test("heads are plain text in print: a button in a repeated head is not painted", async () => {
    const tab = await session.browser.newPage();
    await tab.emulateMediaType("print");
    await tab.setContent(page.replace('<div class="body">', `<div class="body">${table("tab-long", 70)}`), { waitUntil: "load" });
    await tab.waitForSelector("button.sort");
    assert.equal(await tab.$eval("#tab-long button.sort", (button) => getComputedStyle(button).display), "contents");
    await tab.close();
  });

  test("figures that do not fit wait for the next page while the text goes on; the next chapter waits for them", async () => {
    const blocks = await laidOut(`<h2 id="one">One</h2>${paragraphs(6)}${box("fig-1", 420)}${box("fig-2", 420)}${paragraphs(3)}<h3>More</h3>${paragraphs(9)}${box("fig-3", 300)}<h2 id="two">Two</h2>${paragraphs(3)}`);
    const ids = blocks.map(({ id }) => id);
    const inOrder = ["one", "fig-1", "fig-2", "fig-3", "two"];
    assert.deepEqual(ids.filter((id) => inOrder.includes(id)), inOrder);
    assert.ok(blocks.filter(({ id }) => id.startsWith("fig")).every(({ parts }) => parts.length === 1), "no figure is cut");
    assertFull(blocks);
  });

  test("a heading never stands last on a page", async () => {
    for (const before of [24, 25, 26, 27, 28, 29]) {
      const blocks = await laidOut(`${Array.from({ length: before }, () => "<p>One line.</p>").join("")}<h3>Heading</h3>${paragraphs(2)}`);
      const at = blocks.findIndex(({ id }) => id === "H3");
      assert.equal(blocks[at].parts[0].page, blocks[at + 1].parts[0].page, `after ${before} lines`);
    }
  });
});

/** No page but the last and those before a new chapter is more than a third empty. */
function assertFull(blocks: readonly { readonly id: string; readonly parts: readonly { readonly page: number; readonly bottom: number }[] }[]): void {
  const bottoms = new Map<number, number>();
  for (const { parts } of blocks) for (const { page, bottom } of parts) bottoms.set(page, Math.max(bottom, bottoms.get(page) ?? 0));
  const last = Math.max(...bottoms.keys());
  for (const [page, bottom] of bottoms) if (page < last) assert.ok(bottom > 0.67 * pageHeight, `page ${page} ends at ${Math.round((100 * bottom) / pageHeight)} %`);
}

const paragraphs = (count: number): string => `<p>${"A reviewer reads the text and looks for the table that it speaks of, and finds it on this page or on the next one. ".repeat(4)}</p>`.repeat(count);

const box = (id: string, height: number): string => `<figure class="plot" id="${id}"><div style="height:${height}px">picture</div><figcaption>What it shows.</figcaption></figure>`;

function table(id: string, rows: number): string {
  const model: TableModel = {
    id, caption: "Many cases.", rowHeads: 1, generated: false, notes: ["A note."],
    head: [[{ text: "Case", span: 1 }, { text: "Dice", span: 1 }]],
    rows: Array.from({ length: rows }, (_, i) => ({ heads: [`case ${i}`], summary: false, cells: [{ kind: "unpublished" }] })),
  } as TableModel;
  return tableHtml(model, 1);
}
