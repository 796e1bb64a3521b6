import { silent, type Progress } from "../core/index.js";
import type { Figure } from "../figures/index.js";
import type { BrowserSession } from "./browser/session.js";
import type { ComposedReport } from "./build.js";
import { escapeHtml } from "./html-text.js";
import { csvField, tableCsv } from "./table/csv.js";
import { tableLatex } from "./table/latex.js";
import { tableMarkdown } from "./table/markdown.js";

export const exportFormats = ["svg", "pdf", "png", "csv", "tex", "md"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Writes `figures/<id>.svg|pdf|png|csv` and `tables/<id>.csv|tex|md`. */
export async function writeExports(
  { figures, tables, items, html }: ComposedReport,
  formats: readonly ExportFormat[],
  write: (name: string, contents: string | Uint8Array) => Promise<void>,
  { session, progress = silent, dpi }: { session?: BrowserSession; progress?: Progress; dpi?: number },
): Promise<void> {
  const wants = (format: ExportFormat): boolean => formats.includes(format);
  for (const table of tables) {
    if (wants("csv")) await write(`tables/${table.id}.csv`, tableCsv(table));
    if (wants("tex")) await write(`tables/${table.id}.tex`, tableLatex(table));
    if (wants("md")) await write(`tables/${table.id}.md`, tableMarkdown(table));
  }
  if (wants("csv")) for (const figure of figures) if (figure.table) await write(`figures/${figure.id}.csv`, figureCsv(figure.table));
  // Pictures of notebooks, which LaTeX includes as they are.
  if (wants("tex")) for (const item of items) if (item.kind === "image" && item.mime !== "image/svg+xml") await write(`figures/${item.id}.${item.mime === "image/png" ? "png" : "jpg"}`, Buffer.from(item.base64, "base64"));
  if (!session || !(wants("svg") || wants("pdf") || wants("png"))) return;
  const { exportFigures } = await import("./pdf.js");
  const drawing = progress.begin("Exporting figures", figures.length);
  const sizes = figures.map(({ id, layout }) => ({ id, ...(layout as { width: number; height: number }) }));
  for (const { id, svg, pdf, png } of await exportFigures(html, sizes, session, { ...(dpi !== undefined && { dpi }), onFigure: (done) => drawing.update(done) })) {
    if (wants("svg")) await write(`figures/${id}.svg`, described(svg, figures.find((figure) => figure.id === id)!.alt));
    if (wants("pdf")) await write(`figures/${id}.pdf`, pdf);
    if (wants("png")) await write(`figures/${id}.png`, png);
  }
  drawing.end(`${figures.length} figures`);
}

/** The words a screen reader says, wherever the drawing goes. */
function described(svg: string, alt: string): string {
  return svg.replace(/^<svg([^>]*)>/, (_, attributes: string) => `<svg${attributes} role="img"><title>${escapeHtml(alt)}</title>`);
}

function figureCsv({ columns, rows }: NonNullable<Figure["table"]>): string {
  return `${[columns, ...rows].map((row) => row.map((value) => csvField(value === null ? "" : String(value))).join(",")).join("\n")}\n`;
}
