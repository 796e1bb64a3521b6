import type { BrowserSession } from "./browser/session.js";
import { quietPage } from "./browser/session.js";
import { FolioError } from "../core/index.js";

/** The page's own script failed while it was being printed. */
export class PageFailed extends FolioError {
  readonly code = "page-failed";
  constructor(readonly problems: readonly string[]) {
    super(`The report's page failed while it was printed: ${problems[0]}. Open the HTML in a browser and look at its console.`);
  }
}

/** What `client/page.ts` puts on the window, as far as printing needs it. */
interface PageApi {
  readonly folio: { print(): Promise<void>; layout(): string[]; svg(id: string): Promise<string> };
}

export interface PrintedReport {
  readonly bytes: Uint8Array;
  /** Ids of tables that are wider than the page even in small type. */
  readonly overfull: readonly string[];
}

/** Between the margins of an A4 page, in CSS pixels. */
const paperWidth = 680;

/** Prints the report's HTML: vector figures, tagged, with bookmarks; the same bytes for the same HTML and browser. */
export async function printPdf(html: string, session: BrowserSession): Promise<PrintedReport> {
  const page = await quietPage(session);
  try {
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error instanceof Error ? error.message : String(error)));
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }, { name: "prefers-reduced-motion", value: "reduce" }]);
    await page.setViewport({ width: paperWidth, height: 1000 });
    await page.emulateMediaType("print");
    await page.setContent(html, { waitUntil: "load", timeout: 60_000 });
    const overfull = await page
      .evaluate(async () => {
        const { folio } = window as unknown as PageApi;
        await folio.print();
        await document.fonts.ready;
        return folio.layout();
      })
      .catch((error: unknown) => {
        problems.push((error as Error).message.split("\n")[0]);
        return [];
      });
    if (problems.length) throw new PageFailed(problems);
    const bytes = await page.pdf({ preferCSSPageSize: true, printBackground: true, tagged: true, outline: true, timeout: 120_000 });
    const authors = await page.$$eval("meta[name=author]", (all) => all.map((meta) => meta.getAttribute("content") ?? ""));
    return { bytes: normalisePdf(bytes, authors), overfull };
  } finally {
    await page.close();
  }
}

/** Every figure as SVG text, PNG bytes (at `dpi`) and a PDF page of its own size. */
export async function exportFigures(
  html: string,
  figures: readonly { readonly id: string; readonly width: number; readonly height: number }[],
  session: BrowserSession,
  { dpi = 300, onFigure = () => {} }: { dpi?: number; onFigure?: (done: number) => void } = {},
): Promise<{ id: string; svg: string; png: Uint8Array; pdf: Uint8Array }[]> {
  const page = await quietPage(session);
  const sheet = await quietPage(session);
  try {
    await page.setContent(html, { waitUntil: "load", timeout: 60_000 });
    const style = await page.evaluate(() => document.querySelector("style")!.textContent!.split("\n").filter((line) => line.startsWith("@font-face")).join("\n"));
    await sheet.setContent(`<style>${style}body{margin:0}svg{display:block}</style><style id="size"></style>`, { waitUntil: "load" });
    const exported = [];
    for (const [i, { id, width, height }] of figures.entries()) {
      const svg = await page.evaluate((name) => (window as unknown as PageApi).folio.svg(name), id);
      await sheet.setViewport({ width, height, deviceScaleFactor: dpi / 96 });
      await sheet.evaluate(
        (drawing, size) => {
          document.querySelector("#size")!.textContent = `@page{size:${size};margin:0}`;
          document.body.innerHTML = drawing;
        },
        svg,
        `${width}px ${height}px`,
      );
      await sheet.evaluate(() => document.fonts.ready.then(() => undefined));
      const pdf = normalisePdf(await sheet.pdf({ preferCSSPageSize: true, printBackground: true }));
      const png = await sheet.screenshot({ type: "png" });
      exported.push({ id, svg: `${svg.replaceAll("FolioSans", "'Source Sans 3'")}\n`, png, pdf });
      onFigure(i + 1);
    }
    return exported;
  } finally {
    await Promise.all([page.close(), sheet.close()]);
  }
}

/**
 * Makes a PDF's bytes depend on its content alone, in place and without changing a length: the two dates become a fixed one,
 * the browser's name gives its place to Folio's and the authors', and the names of table cells, which Chrome counts from
 * wherever its page began, count from 1. Nothing is written anew, because libraries that do so lose the tags.
 */
export function normalisePdf(bytes: Uint8Array, authors: readonly string[] = []): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const dated = text
    .replaceAll(/\/(CreationDate|ModDate) ?\(D:(\d{14})/g, (found, _name, date: string) => found.slice(0, -date.length) + "20000101000000")
    .replace(/\/Creator ?\((?:\\.|[^\\()])*\)/, (found) => creator(found.length, authors));
  const names = [...new Set(dated.match(/\(node\d{8}\)/g) ?? [])].sort();
  const numbers = new Map(names.map((name, i) => [name, `(node${String(i + 1).padStart(8, "0")})`]));
  return Buffer.from(dated.replaceAll(/\(node\d{8}\)/g, (name) => numbers.get(name)!), "latin1");
}

/** As many authors as there is room for; a last one that does not fit makes them "et al." */
function creator(length: number, authors: readonly string[]): string {
  const fits = authors.map((_, i) => authors.slice(0, authors.length - i).join(", ") + (i > 0 ? " et al." : "")).map((names) => `/Creator (Folio) /Author ${pdfText(names)}`).find((entry) => entry.length <= length);
  return (fits ?? "/Creator (Folio)".slice(0, length)).padEnd(length);
}

/** A text string of a PDF: plain where all is ASCII, otherwise UTF-16 in hexadecimal digits. */
function pdfText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `(${text.replaceAll(/[\\()]/g, "\\$&")})`;
  return `<FEFF${Buffer.from(text, "utf16le").swap16().toString("hex").toUpperCase()}>`;
}
