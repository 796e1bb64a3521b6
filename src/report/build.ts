import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { BadFile, canonicalJson, packageRoot, silent, stopIfAborted, writeFileAtomic, type Progress } from "../core/index.js";
import type { Figure } from "../figures/index.js";
import { readRecords, readStudyOutcome, runProblem, type ResultRecord } from "../results/index.js";
import { readCitations, type Citations } from "./citations.js";
import { readReportConfig, type ReportConfig } from "./config.js";
import { embedImages } from "./images.js";
import { reportLatex } from "./latex.js";
import { manifestOf } from "./manifest.js";
import { parseText } from "./markdown.js";
import { numberItems } from "./numbering.js";
import { bodyHtml } from "./page/body.js";
import { explorerData } from "./page/explorer.js";
import { pageHtml } from "./page/page.js";
import type { TableModel } from "./table/model.js";
import { renderTemplate } from "./template/render.js";
import { expandNotebooks, type Item } from "./template/items.js";
import type { Warning } from "./template/problems.js";
import { typedNumberWarnings } from "./typed-numbers.js";
import { verifyRecords } from "./verify.js";
import { writeExports, type ExportFormat } from "./write-exports.js";

/** `latex` is a whole article: `report.tex`, `refs.bib`, and the figures as PDF that it includes. */
export type ReportFormat = "html" | "pdf" | "latex";

export interface ReportRequest {
  /** The report's folder: `report.json`, `report.md.hbs`, perhaps `refs.bib`. */
  readonly folder: string;
  /** Folder of result records; report.json's `results` below the project's root when left out. */
  readonly results?: string;
  readonly out: string;
  readonly formats: readonly ReportFormat[];
  /** Figures and tables on their own. */
  readonly exports?: readonly ExportFormat[];
  /** Of exported PNGs; 300 unless said. */
  readonly dpi?: number;
  /** Lay the pages out even where no PDF is asked for, to find tables that do not fit. */
  readonly checkLayout?: boolean;
  /** Also look whether the records' inputs are still what they were; see {@link verifyRecords}. */
  readonly verify?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface BuiltReport {
  /** What was written, in order. */
  readonly files: readonly string[];
  readonly warnings: readonly Warning[];
  readonly records: number;
  readonly figures: number;
  readonly tables: number;
}

/** A report in memory, before anything is drawn. */
export interface ComposedReport {
  readonly config: ReportConfig;
  readonly html: string;
  readonly latex: () => string;
  /** `refs.bib` as it lies there; empty where there is none. */
  readonly bibliography: string;
  readonly items: readonly Item[];
  readonly figures: readonly Figure[];
  readonly tables: readonly TableModel[];
  readonly warnings: readonly Warning[];
  readonly records: readonly ResultRecord[];
}

/**
 * Builds a report: `report.html`, `report.pdf` and, where asked, every figure and table on its own, below `out`.
 * The same folder, records and browser give the same bytes.
 *
 * @throws BadFile, BadReportConfig, BadRecord, TemplateError, NoBrowser
 * @example await buildReport({ folder: "reports/five-papers", out: "reports/five-papers/out", formats: ["html", "pdf"] })
 */
export async function buildReport(request: ReportRequest): Promise<BuiltReport> {
  const { out, formats, env = {}, progress = silent, signal } = request;
  const exports: readonly ExportFormat[] = [...new Set([...(request.exports ?? []), ...(formats.includes("latex") ? (["pdf", "csv", "tex"] as const) : [])])];
  const composing = progress.begin("Composing the report");
  const report = await composeReport(request);
  composing.end(`${report.records.length} records, ${report.tables.length} tables, ${report.figures.length} figures`);
  stopIfAborted(signal, "No file was written.");
  const files: string[] = [];
  const write = async (name: string, contents: string | Uint8Array): Promise<void> => {
    await writeFileAtomic(join(out, name), contents);
    files.push(join(out, name));
  };
  if (formats.includes("html")) await write("report.html", report.html);
  if (formats.includes("latex")) {
    await write("report.tex", report.latex());
    if (report.bibliography !== "") await write("refs.bib", report.bibliography);
  }
  const warnings = [...report.warnings];
  const prints = formats.includes("pdf") || request.checkLayout === true;
  const needsBrowser = prints || exports.some((format) => !["csv", "tex", "md"].includes(format));
  if (needsBrowser) {
    const { openBrowser } = await import("./browser/session.js");
    const { printPdf } = await import("./pdf.js");
    await using session = await openBrowser(env);
    if (prints) {
      const printing = progress.begin("Printing the PDF");
      const { bytes, overfull } = await printPdf(report.html, session);
      for (const id of overfull) warnings.push({ line: 0, code: "overfull-table", message: `${id} is wider than the page even in small type; give it fewer columns or rows="series"` });
      if (formats.includes("pdf")) await write("report.pdf", bytes);
      printing.end(await session.version());
    }
    stopIfAborted(signal, `Kept ${files.length} files.`);
    await writeExports(report, exports, write, { session, progress, ...(request.dpi !== undefined && { dpi: request.dpi }) });
  } else {
    await writeExports(report, exports, write, { progress });
  }
  await write("manifest.json", `${canonicalJson(await manifestOf(report, files, out), 2)}\n`);
  return { files, warnings, records: report.records.length, figures: report.figures.length, tables: report.tables.length };
}

/** Everything up to the HTML; needs no browser. */
export async function composeReport({ folder, results, verify = false }: Pick<ReportRequest, "folder" | "results" | "verify">): Promise<ComposedReport> {
  const config = await readReportConfig(folder);
  const from = results ?? resultsFolder(folder, config.results);
  const [records, outcome] = await Promise.all([readRecords(from), readStudyOutcome(from)]);
  const file = shownPath(join(folder, "report.md.hbs"));
  const source = await readTemplate(folder);
  const template = await renderTemplate({ file, folder, source, config, records, outcome });
  const { markdown, items } = expandNotebooks(template.markdown, template.items);
  const text = parseText(markdown, items);
  const undone = outcome?.runs.filter(({ state }) => state !== "done") ?? [];
  const warnings: Warning[] = [...undone.map((run) => ({ line: 0, code: `${run.state}-run`, message: runProblem(run) })), ...template.warnings];
  await embedImages(text.tokens, folder, (code, message) => warnings.push({ line: 0, code, message }));
  const numbers = numberItems(text.tokens, items, text.sections);
  const stale = verify ? (await verifyRecords(records)).filter((finding) => finding.state === "changed") : [];
  for (const { record, what } of stale) warnings.push({ line: 0, code: "stale-record", message: `${record} is stale: ${what} changed since it was measured` });
  for (const { id, provenance } of records) if (Object.keys(provenance.inputs).length === 0) warnings.push({ line: 0, code: "no-provenance", message: `${id} names no input, so its numbers cannot be traced` });
  const typed = typedNumberWarnings(source, config, records);
  const citations = await citationsOf(folder, config, items);
  const body = bodyHtml({ text, items, numbers, citations, records, outcome, file, warn: (line, code, message) => warnings.push({ line, code, message }) });
  const figures = items.flatMap(figuresOf);
  const tables = items.flatMap((item) => (item.kind === "table" ? [item.table] : []));
  const html = await pageHtml({
    config, body, sections: text.sections, warnings, records,
    figures: items.flatMap((item) => (item.kind === "explorer" ? item.explorer.parts.flatMap((part) => [part.roc, part.histogram]) : figuresOf(item))),
    widgets: Object.fromEntries(items.flatMap((item) => (item.kind === "explorer" ? [[item.id, explorerData(item.explorer)]] : item.kind === "widget" ? [[item.id, item.widget.data]] : []))),
    generated: items.some((item) => figuresOf(item).some((figure) => figure.generated) || (item.kind === "table" && item.table.generated) || (item.kind === "value" && item.cell.generated)),
    footer: `Made with Folio from ${records.length} result records.`,
  });
  const latex = (): string => reportLatex({ config, text, items, numbers, knows: citations.has });
  const bibliography = await readFile(join(folder, "refs.bib"), "utf8").catch(() => "");
  return { config, html, latex, bibliography, items, figures, tables, warnings: [...warnings, ...typed], records };
}

/** What stands on its own: of an explorer, the drawings of its first part. */
function figuresOf(item: Item): Figure[] {
  if (item.kind === "explorer") return [item.explorer.parts[0].roc, item.explorer.parts[0].histogram];
  if (item.kind === "widget") return [item.widget.twin];
  return item.kind === "figure" ? [item.figure] : [];
}

/** `./results` lies in the report's own folder, anything else below the project's root. */
export function resultsFolder(folder: string, results: string): string {
  return results.startsWith("./") ? join(folder, results) : resolve(packageRoot, results);
}

/** Below the project, as the project sees it; anything else as it is. */
function shownPath(path: string): string {
  const own = relative(packageRoot, path);
  return own.startsWith("..") ? path : own;
}

async function readTemplate(folder: string): Promise<string> {
  const path = join(folder, "report.md.hbs");
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new BadFile("not-found", path, "cannot be read", "A report is a folder with report.json and report.md.hbs.", { cause });
  });
}

async function citationsOf(folder: string, config: ReportConfig, items: readonly Item[]): Promise<Citations> {
  const none: Citations = { mark: () => ({ text: "", targets: [] }), has: () => false, entries: () => [] };
  if (!items.some((item) => item.kind === "cite")) return none;
  const file = join(folder, "refs.bib");
  const source = await readFile(file, "utf8").catch(() => "");
  return source === "" ? none : readCitations(source, config.citations, shownPath(file));
}
