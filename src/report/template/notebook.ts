import { resolve } from "node:path";
import type { Figure } from "../../figures/index.js";
import { readNotebook, type Cell, type Notebook, type Output } from "../../notebook/index.js";
import { safeMarkup } from "../safe-markup.js";
import type { HelperArguments } from "./arguments.js";
import { withoutMarkers, type Item } from "./items.js";
import type { HelperContext } from "./render.js";

/** A part of a notebook: text of the report, or something that stands in it. */
export type NotebookPart = { readonly markdown: string } | { readonly item: Item };

/** Lines of printed text that a report shows; the notebook has them all. */
const mostLines = 30;

/** `{{code notebook="../../notebooks/01-astra.ipynb" cell="mel-from-scratch" id="lst-mel" caption="…" lines="3-9"}}` */
export async function codeOf(args: HelperArguments, context: HelperContext): Promise<Item> {
  const file = args.text("notebook", "../../notebooks/01-astra.ipynb");
  const name = args.text("cell", "mel-from-scratch");
  const id = args.optional("id");
  const caption = args.optional("caption");
  const lines = args.optional("lines");
  args.close();
  if (id !== undefined) context.claim(id);
  const notebook = await readNotebook(resolve(context.folder, file));
  const cell = notebook.cells.find((one) => one.id === name || one.metadata.tags?.includes(name));
  if (!cell) throw args.fault(`finds no cell "${name}" in ${file}; it has ${notebook.cells.filter((one) => one.cell_type === "code").map((one) => one.id).join(", ")}`);
  const range = lines === undefined ? undefined : /^(\d+)-(\d+)$/.exec(lines);
  if (range === null) throw args.fault('needs lines as from-to, for example lines="3-9"');
  const source = range ? cell.source.split("\n").slice(Number(range[1]) - 1, Number(range[2])).join("\n") : cell.source;
  return { kind: "code", source: cell.cell_type === "code" ? published(source) : source, language: cell.cell_type === "code" ? "typescript" : "markdown", ...(id !== undefined && { id }), ...(caption !== undefined && { caption }) };
}

/**
 * `{{notebook file="out/notebooks/01-astra.ipynb" level=2 code=true}}`: an executed notebook as a chapter – its text with its
 * headings below `level`, its code, and what the cells gave. Cells tagged `solution`, `hidden` or `injected-parameters`
 * stay out; printed text is cut after a screenful.
 */
export async function notebookOf(args: HelperArguments, context: HelperContext): Promise<Item> {
  const file = args.text("file", "out/notebooks/01-astra.ipynb");
  const level = args.number("level") ?? 2;
  const prefix = args.optional("id") ?? `nb-${file.replace(/^.*\//, "").replace(/\.ipynb$/, "").toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
  const withCode = args.oneOf("code", ["true", "false"], "true") === "true";
  args.close();
  const notebook = await readNotebook(resolve(context.folder, file));
  if (!notebook.cells.some((cell) => (cell.outputs ?? []).length > 0)) {
    context.warn("unexecuted-notebook", `${file} holds no outputs; run it first: folio run NOTEBOOK --out ${file}`);
  }
  return { kind: "notebook", parts: partsOf(notebook, { level, prefix, withCode, free: freeNames() }) };
}

interface ChapterOptions {
  readonly level: number;
  readonly prefix: string;
  readonly withCode: boolean;
  /** The name, or with a number behind it where a cell shows several figures of one name. */
  readonly free: (id: string) => string;
}

function freeNames(): ChapterOptions["free"] {
  const taken = new Map<string, number>();
  return (id) => {
    const count = (taken.get(id) ?? 0) + 1;
    taken.set(id, count);
    return count === 1 ? id : `${id}-${count}`;
  };
}

const left = ["solution", "hidden", "injected-parameters"];

function partsOf({ cells }: Notebook, options: ChapterOptions): NotebookPart[] {
  return cells
    .filter((cell) => !left.some((tag) => cell.metadata.tags?.includes(tag)))
    .flatMap((cell): NotebookPart[] => {
      if (cell.cell_type === "markdown") return [{ markdown: chapterText(cell, options) }];
      if (cell.cell_type !== "code") return [];
      const code: NotebookPart[] = options.withCode ? [{ item: { kind: "code", source: published(cell.source), language: "typescript" } }] : [];
      return [...code, ...(cell.outputs ?? []).flatMap((output, i) => outputParts(output, `${options.prefix}-${cell.id.replaceAll(/[^A-Za-z0-9]+/g, "-")}-${i}`.toLowerCase(), options))];
    });
}

/** The marks of exercises say nothing to a reader of the report. */
function published(source: string): string {
  return source.replaceAll(/^[^\S\n]*\/\/ (BEGIN SOLUTION|END SOLUTION|student:)[^\n]*(\n|$)/gm, "").trimEnd();
}

/** Headings moved below the chapter's; pictures of attachments put in. */
function chapterText({ source, attachments = {} }: Cell, { level }: ChapterOptions): string {
  let fenced = false;
  const lines = withoutMarkers(source).split("\n").map((line) => {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    // The report numbers its sections; a number of the notebook's own would stand beside that.
    return fenced ? line : line.replace(/^(#{1,6})\s+(\d+[.)]\s+)?/, (_, marks: string) => `${"#".repeat(Math.min(6, marks.length + level - 1))} `);
  });
  return lines.join("\n").replaceAll(/\]\(attachment:([^)\s]+)\)/g, (whole, name: string) => {
    const [mime, data] = Object.entries((attachments[name] ?? {}) as Record<string, string>)[0] ?? [];
    return mime?.startsWith("image/") ? `](data:${mime};base64,${data.replaceAll(/\s/g, "")})` : whole;
  });
}

function outputParts(output: Output, id: string, { prefix, free }: ChapterOptions): NotebookPart[] {
  switch (output.output_type) {
    case "stream":
      return textParts(output.text, output.name === "stderr");
    case "error":
      return textParts(`${output.ename}: ${output.evalue}`, true);
    default: {
      const { data } = output;
      const figure = data["application/vnd.folio.figure+json"] as Figure | undefined;
      const plain = typeof data["text/plain"] === "string" ? data["text/plain"] : "";
      if (figure && typeof figure.alt === "string") {
        const own = free(`${prefix}-${figure.id}`);
        return [{ item: { kind: "figure", id: own, figure: { ...figure, id: own } } }];
      }
      const picture = ["image/png", "image/jpeg", "image/svg+xml"].find((mime) => typeof data[mime] === "string");
      if (picture !== undefined) {
        const raw = data[picture] as string;
        const base64 = picture === "image/svg+xml" ? Buffer.from(raw).toString("base64") : raw.replaceAll(/\s/g, "");
        return [{ item: { kind: "image", id, mime: picture, base64, alt: plain.trim() || "Picture from the notebook" } }];
      }
      if (typeof data["text/markdown"] === "string") return [{ markdown: withoutMarkers(data["text/markdown"]) }];
      const markup = typeof data["text/html"] === "string" ? safeMarkup(data["text/html"]) : undefined;
      if (markup !== undefined) return [{ item: { kind: "markup", html: markup, plain } }];
      return textParts(plain, false);
    }
  }
}

function textParts(text: string, problem: boolean): NotebookPart[] {
  // oxlint-disable-next-line no-control-regex -- colours of a terminal are control characters
  const lines = text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, "").trimEnd().split("\n");
  if (lines.join("").trim() === "") return [];
  const shown = lines.length > mostLines ? [...lines.slice(0, mostLines), `… ${lines.length - mostLines} more lines`] : lines;
  return [{ item: { kind: "output", text: shown.join("\n"), problem } }];
}
