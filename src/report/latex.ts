import { itemOf, type ParsedText, type Token } from "./markdown.js";
import type { Numbered } from "./numbering.js";
import type { ReportConfig } from "./config.js";
import { escapeLatex, latexNumber, tableLatex, unicodeDeclarations } from "./table/latex.js";
import type { Item } from "./template/items.js";

export interface LatexInput {
  readonly config: ReportConfig;
  readonly text: ParsedText;
  readonly items: readonly Item[];
  readonly numbers: ReadonlyMap<string, Numbered>;
  /** Whether a key is in refs.bib. */
  readonly knows: (key: string) => boolean;
}

/**
 * The report as a LaTeX article: bare class, booktabs, siunitx, graphicx, amsmath, hyperref. Figures are the vector PDFs of
 * `figures/`, references come from `refs.bib` by BibTeX.
 */
export function reportLatex(input: LatexInput): string {
  const { config, text } = input;
  const authors = config.authors.map(({ name, affiliation }) => escapeLatex(name) + (affiliation === undefined ? "" : `\\\\ {\\small ${escapeLatex(affiliation)}}`));
  const body = blocks(text.tokens, input);
  return `\\documentclass[11pt,a4paper]{article}
\\usepackage[utf8]{inputenc}
\\usepackage{amsmath,amssymb,booktabs,siunitx,graphicx}
\\usepackage[margin=22mm]{geometry}
\\usepackage[hidelinks]{hyperref}
\\newcounter{listing}
${unicodeDeclarations(body + config.title + (config.abstract ?? ""))}${config.lineNumbers ? "\\usepackage{lineno}\n\\linenumbers\n" : ""}\\title{${escapeLatex(config.title)}}
\\author{${authors.join(" \\and ")}}
\\date{}
\\emergencystretch=3em
\\begin{document}
\\maketitle
${config.abstract === undefined ? "" : `\\begin{abstract}\n${escapeLatex(config.abstract)}\n\\end{abstract}\n`}
${body}
\\end{document}
`;
}

const sections = ["section", "section", "subsection", "subsubsection", "paragraph", "paragraph"];

function blocks(tokens: readonly Token[], input: LatexInput): string {
  const notes = footnotes(tokens, input);
  let skip = false;
  return tokens
    .map((token, i) => {
      if (token.type === "footnote_block_open") skip = true;
      if (skip) return "";
      switch (token.type) {
        case "heading_open": {
          const appendix = (token.meta as { appendix?: boolean }).appendix === true ? "\\appendix\n" : "";
          const number = (token.meta as { number: string }).number;
          return `${appendix}\\${sections[Number(token.tag.slice(1)) - 1]}${number === "" ? "*" : ""}{`;
        }
        case "heading_close":
          return `}\n\\label{${String(tokens[i - 2].attrGet("id"))}}\n\n`;
        case "paragraph_close":
          return "\n\n";
        case "bullet_list_open":
          return "\\begin{itemize}\n";
        case "bullet_list_close":
          return "\\end{itemize}\n\n";
        case "ordered_list_open":
          return "\\begin{enumerate}\n";
        case "ordered_list_close":
          return "\\end{enumerate}\n\n";
        case "list_item_open":
          return "\\item ";
        case "blockquote_open":
          return "\\begin{quote}\n";
        case "blockquote_close":
          return "\\end{quote}\n\n";
        case "fence":
        case "code_block":
          return verbatim(token.content);
        case "inline":
          return inline(token.children ?? [], input, notes);
        case "folio_block":
          return `${itemLatex(itemOf(token, input.items), input)}\n`;
        default:
          return "";
      }
    })
    .join("");
}

function inline(tokens: readonly Token[], input: LatexInput, notes: ReadonlyMap<number, string>): string {
  const marks: Readonly<Record<string, string>> = { strong_open: "\\textbf{", strong_close: "}", em_open: "\\emph{", em_close: "}", s_open: "", s_close: "", link_close: "}", softbreak: "\n", hardbreak: "\\\\\n" };
  return tokens
    .map((token) => {
      if (token.type === "text") return escapeLatex(token.content);
      if (token.type === "code_inline") return `\\texttt{${escapeLatex(token.content)}}`;
      if (token.type === "link_open") return `\\href{${String(token.attrGet("href")).replaceAll(/[\\{}]/g, "").replaceAll(/[%#]/g, "\\$&")}}{`;
      if (token.type === "image") return `\\emph{[${escapeLatex(token.content)}]}`;
      if (token.type === "folio_item") return itemLatex(itemOf(token, input.items), input);
      if (token.type === "footnote_ref") return `\\footnote{${notes.get((token.meta as unknown as { id: number }).id) ?? ""}}`;
      return marks[token.type] ?? "";
    })
    .join("");
}

/** Columns of typewriter type in `footnotesize` that fit the line. */
const verbatimColumns = 98;

function verbatim(text: string): string {
  const lines = text.replaceAll("\\end{verbatim}", "\\end {verbatim}").trimEnd().split("\n").flatMap((line) => line.match(new RegExp(`.{1,${verbatimColumns}}`, "gu")) ?? [""]);
  return `{\\footnotesize\\begin{verbatim}\n${lines.join("\n")}\n\\end{verbatim}}\n\n`;
}

/** A missing table or figure keeps its place, number and label, so that what refers to it still does. */
function missingLatex({ what, block, id }: Extract<Item, { kind: "missing" }>): string {
  const words = `\\textbf{[missing: ${escapeLatex(what)}]}`;
  if (!block || id === undefined) return words;
  const float = id.startsWith("tab") ? "table" : "figure";
  return `\\begin{${float}}[htbp]\n\\centering\n${words}\n\\caption{Missing.}\n\\label{${id}}\n\\end{${float}}`;
}

/** Footnotes stand at the end of the tokens; LaTeX wants each where it is called. */
function footnotes(tokens: readonly Token[], input: LatexInput): Map<number, string> {
  const notes = new Map<number, string>();
  let current: number | undefined;
  for (const token of tokens) {
    if (token.type === "footnote_open") current = (token.meta as unknown as { id: number }).id;
    else if (token.type === "footnote_close") current = undefined;
    else if (token.type === "inline" && current !== undefined) notes.set(current, (notes.get(current) ?? "") + inline(token.children ?? [], input, new Map()));
  }
  return notes;
}

function itemLatex(item: Item, { numbers, knows, config }: LatexInput): string {
  switch (item.kind) {
    case "table":
      return tableLatex(item.table).replace(/^%.*\n/, "");
    case "figure":
      return figureLatex(item.id, [item.figure.id], item.figure.caption ?? "", item.figure.generated, Number(item.figure.layout.width));
    case "explorer":
      return figureLatex(item.id, [item.explorer.parts[0].roc.id, item.explorer.parts[0].histogram.id], item.explorer.caption, item.explorer.generated, 336);
    case "widget":
      return figureLatex(item.id, [item.widget.twin.id], item.widget.caption, item.widget.generated, Number(item.widget.twin.layout.width));
    case "equation":
      return `\\begin{equation}\n${item.tex}\n\\label{${item.id}}\n\\end{equation}`;
    case "math":
      return item.display ? `\\[${item.tex}\\]` : `$${item.tex}$`;
    case "code":
      return `${item.id === undefined ? "" : `\\refstepcounter{listing}\\label{${item.id}}\\noindent\\textbf{Listing~\\thelisting.} ${escapeLatex(item.caption ?? "")}\n`}${verbatim(item.source)}`;
    case "output":
      return verbatim(item.text);
    case "markup":
      return verbatim(item.plain);
    case "image":
      return item.mime === "image/svg+xml" ? "" : `\\begin{center}\\includegraphics[width=0.6\\linewidth]{figures/${item.id}.${item.mime === "image/png" ? "png" : "jpg"}}\\end{center}\n`;
    case "notebook":
      return "";
    case "value":
      return `${latexNumber({ ...item.cell, generated: false })}${item.cell.generated ? " (generated data)" : ""}`;
    case "given":
      return escapeLatex(item.text);
    case "missing":
      return missingLatex(item);
    case "cite": {
      const known = item.keys.filter(knows);
      return known.length ? `~\\cite{${known.join(",")}}` : `\\textbf{[unknown reference]}`;
    }
    case "ref": {
      const found = numbers.get(item.target);
      return found ? `${found.kind}~\\ref{${item.target}}` : `\\textbf{[unknown ${escapeLatex(item.target)}]}`;
    }
    case "provenance":
      return "The result records and their hashes stand in \\texttt{manifest.json}.\n";
    case "bibliography":
      return `\\begingroup\\renewcommand{\\section}[2]{}\\bibliographystyle{${config.citations === "numeric" ? "unsrt" : "plain"}}\n\\bibliography{refs}\\endgroup\n`;
  }
}

function figureLatex(id: string, files: readonly string[], caption: string, generated: boolean, width: number): string {
  const share = width > 400 ? "\\linewidth" : "0.49\\linewidth";
  const pictures = files.map((file) => `\\includegraphics[width=${share}]{figures/${file}.pdf}`).join("\\hfill\n");
  return `\\begin{figure}[tb]\n\\centering\n${pictures}\n\\caption{${escapeLatex(caption)}${generated ? " Generated data." : ""}}\n\\label{${id}}\n\\end{figure}\n`;
}
