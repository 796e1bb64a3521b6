import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { sha256 } from "../core/index.js";
import type { ComposedReport } from "./build.js";
import { explorerData } from "./page/explorer.js";
import { tableCsv } from "./table/csv.js";

/** What a report holds and which bytes it was made from: `out/manifest.json`. */
export interface Manifest {
  readonly schema: "folio.manifest/1";
  readonly title: string;
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[];
  /** The hash is of the drawing's data and layout. */
  readonly figures: readonly { readonly id: string; readonly generated: boolean; readonly sha256: string }[];
  /** What readers operate, by the data its script shows; the drawing that stands for it in print is among the figures. */
  readonly widgets: readonly { readonly id: string; readonly generated: boolean; readonly sha256: string }[];
  /** The hash is of the table's CSV, which holds every number at full precision. */
  readonly tables: readonly { readonly id: string; readonly generated: boolean; readonly sha256: string; readonly records: readonly string[] }[];
  readonly records: readonly { readonly id: string; readonly sha256: string }[];
}

export async function manifestOf(report: ComposedReport, files: readonly string[], out: string): Promise<Manifest> {
  return {
    schema: "folio.manifest/1",
    title: report.config.title,
    files: await Promise.all(
      files.map(async (file) => {
        const bytes = await readFile(file);
        return { path: relative(out, file).replaceAll("\\", "/"), sha256: sha256(bytes), bytes: bytes.length };
      }),
    ),
    figures: report.figures.map(({ id, generated, data, layout }) => ({ id, generated, sha256: sha256({ data, layout }) })),
    widgets: report.items.flatMap((item) => {
      if (item.kind === "widget") return [{ id: item.id, generated: item.widget.generated, sha256: sha256(item.widget.data as object) }];
      return item.kind === "explorer" ? [{ id: item.id, generated: item.explorer.generated, sha256: sha256(explorerData(item.explorer) as object) }] : [];
    }),
    tables: report.tables.map((table) => ({ id: table.id, generated: table.generated, sha256: sha256(tableCsv(table)), records: recordsOf(table) })),
    records: report.records.map((record) => ({ id: record.id, sha256: sha256(record) })),
  };
}

function recordsOf(table: ComposedReport["tables"][number]): string[] {
  return [...new Set(table.rows.flatMap((row) => row.cells.flatMap((cell) => (cell.kind === "number" ? cell.records : []))))].sort();
}
