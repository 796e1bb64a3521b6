import type { Figure } from "../../figures/index.js";
import type { Explorer } from "./explorer.js";
import type { NotebookPart } from "./notebook.js";
import type { Widget } from "./widgets/widget.js";
import type { NumberCell, TableModel } from "../table/model.js";

/** What a helper put into the text; the Markdown carries only a marker that points here. */
export type Item =
  | { readonly kind: "table"; readonly id: string; readonly table: TableModel }
  | { readonly kind: "figure"; readonly id: string; readonly figure: Figure }
  | { readonly kind: "explorer"; readonly id: string; readonly explorer: Explorer }
  | { readonly kind: "widget"; readonly id: string; readonly widget: Widget }
  | { readonly kind: "equation"; readonly id: string; readonly tex: string; readonly spoken?: string }
  | { readonly kind: "math"; readonly tex: string; readonly display?: boolean }
  | { readonly kind: "code"; readonly source: string; readonly language: string; readonly id?: string; readonly caption?: string }
  /** Printed text of a cell. */
  | { readonly kind: "output"; readonly text: string; readonly problem: boolean }
  /** A cell's table, harmless, with its plain text. */
  | { readonly kind: "markup"; readonly html: string; readonly plain: string }
  | { readonly kind: "image"; readonly id: string; readonly mime: string; readonly base64: string; readonly alt: string }
  /** Taken apart before the text is parsed. */
  | { readonly kind: "notebook"; readonly parts: readonly NotebookPart[] }
  | { readonly kind: "value"; readonly cell: NumberCell; readonly what: string }
  /** A number that nothing here measured, with where it is from. */
  | { readonly kind: "given"; readonly text: string; readonly source: string }
  | { readonly kind: "cite"; readonly keys: readonly string[]; readonly line: number }
  | { readonly kind: "ref"; readonly target: string; readonly line: number }
  | { readonly kind: "missing"; readonly what: string; readonly block: boolean; readonly id?: string }
  | { readonly kind: "provenance" }
  | { readonly kind: "bibliography" };

export const blockKinds: ReadonlySet<Item["kind"]> = new Set(["table", "figure", "explorer", "widget", "equation", "code", "output", "markup", "image", "notebook", "provenance", "bibliography"]);

const open = "\uE000";
const close = "\uE001";
export const markerPattern = /\uE000(\d+)\uE001/y;

export const marker = (index: number): string => `${open}${index}${close}`;

/** Text from outside must not be able to point at an item. */
export const withoutMarkers = (text: string): string => text.replaceAll(/[\uE000\uE001]/g, "");

/** Notebooks taken apart: their text becomes the report's, what stands in it items of their own. */
export function expandNotebooks(markdown: string, items: readonly Item[]): { markdown: string; items: Item[] } {
  const all = [...items];
  const text = markdown.replaceAll(/\uE000(\d+)\uE001/g, (whole, index: string) => {
    const item = items[Number(index)];
    if (item.kind !== "notebook") return whole;
    return item.parts.map((part) => ("markdown" in part ? part.markdown : marker(all.push(part.item) - 1))).join("\n\n");
  });
  return { markdown: text, items: all };
}
