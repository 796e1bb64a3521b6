import { readFile } from "node:fs/promises";
import { BadFile, sha256, writeFileAtomic } from "../core/index.js";
import type { Cell, Notebook, Output } from "./nbformat.js";
import { findProblems, isJsonMime } from "./validate.js";

/**
 * Reads an .ipynb file. Formats 4.0 to 4.4 are raised to 4.5 (cells get ids made from their text and place).
 * @throws BadFile `not-found`, `not-json`, `old-notebook` or `bad-notebook`, naming the first rule that is broken and where
 */
export async function readNotebook(path: string): Promise<Notebook> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new BadFile("not-found", path, "cannot be read", "Check the path.", { cause: error });
  });
  return parseNotebook(text, path);
}

/** @param name of the file, for error messages */
export function parseNotebook(text: string, name = "notebook"): Notebook {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new BadFile(
      "not-json",
      name,
      `is not JSON (${(error as Error).message})`,
      "An .ipynb file is JSON; get the file again from its source.",
    );
  }
  const { nbformat, nbformat_minor: minor } = (json ?? {}) as Partial<Notebook>;
  if (typeof nbformat === "number" && (nbformat as number) < 4)
    throw new BadFile(
      "old-notebook",
      name,
      `has notebook format ${nbformat as number}`,
      "Open it in Jupyter and save it: that raises it to format 4.",
    );
  const raised = nbformat === 4 && typeof minor === "number" && minor < 5 ? withIds(json) : json;
  const [problem] = findProblems(raised);
  if (problem !== undefined)
    throw new BadFile("bad-notebook", name, `${problem.where} ${problem.rule}`, "Open it in Jupyter and save it again.");
  return joined(raised as Notebook);
}

function withIds(json: unknown): unknown {
  const notebook = json as { cells?: { source?: unknown; id?: string }[] };
  const cells = notebook.cells?.map((cell, i) => ({
    ...cell,
    id: sha256(`${i}/${JSON.stringify(cell.source)}`).slice(0, 8),
  }));
  return { ...notebook, nbformat_minor: 5, cells };
}

/** Text as one string, whether the file holds it as lines or not. */
function joined(notebook: Notebook): Notebook {
  const text = (value: unknown): string => (Array.isArray(value) ? value.join("") : String(value));
  const output = (item: Output): Output => {
    if (item.output_type === "stream") return { ...item, text: text(item.text) };
    if (!("data" in item)) return item;
    return {
      ...item,
      data: Object.fromEntries(
        Object.entries(item.data).map(([mime, value]) => [mime, isJsonMime(mime) ? value : text(value)]),
      ),
    };
  };
  const cells = notebook.cells.map((cell): Cell => ({
    ...cell,
    source: text(cell.source),
    ...(cell.outputs && { outputs: cell.outputs.map(output) }),
  }));
  return { ...notebook, cells };
}

/** The file's text as Jupyter writes it: keys sorted, one space of indent, text as lists of lines. Equal notebooks give equal bytes. */
export function formatNotebook(notebook: Notebook): string {
  const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const data = (mime: string, value: unknown): unknown =>
    isJsonMime(mime) || typeof value !== "string" || mime.startsWith("image/p") || mime.startsWith("image/j")
      ? value
      : lines(value);
  const output = (item: Output): unknown => {
    if (item.output_type === "stream") return { ...item, text: lines(item.text) };
    if (!("data" in item)) return item;
    const { transient: _, ...kept } = item as typeof item & { transient?: unknown };
    return {
      ...kept,
      data: Object.fromEntries(Object.entries(item.data).map(([mime, value]) => [mime, data(mime, value)])),
    };
  };
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    source: lines(cell.source),
    ...(cell.outputs && { outputs: cell.outputs.map(output) }),
  }));
  return `${JSON.stringify({ ...notebook, cells }, sorted, 1)}\n`;
}

function sorted(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  await writeFileAtomic(path, formatNotebook(notebook));
}
