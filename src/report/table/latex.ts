import { numberTexts } from "./format.js";
import type { Cell, HeadCell, NumberCell, TableModel } from "./model.js";

/**
 * The table as LaTeX for a bare article class with `booktabs` and `siunitx`. Every number takes two columns, the value in an
 * `S` column, so that decimal points stand below each other, and its uncertainty left-aligned beside it, so that ± and
 * brackets do too. What is wider than a page in small type is scaled to the line.
 */
export function tableLatex(table: TableModel): string {
  const shapes = columnShapes(table);
  const heads = table.head.map((row, level) => latexHead(row, table, level, shapes)).join("\n");
  const rows = table.rows.map((row, i) => {
    const repeated = table.rowHeads > 1 && i > 0 && table.rows[i - 1].heads[0] === row.heads[0];
    const stub = row.heads.map((text, level) => (level === 0 && repeated ? "" : escapeLatex(text)));
    const rule = row.summary && !table.rows[i - 1]?.summary ? "\\midrule\n" : table.rowHeads > 1 && i > 0 && !repeated ? "\\addlinespace\n" : "";
    return `${rule}${[...stub, ...row.cells.map((cell, column) => latexCell(cell, shapes[column]))].join(" & ")} \\\\`;
  });
  const notes = [...table.notes, ...(table.generated ? ["g: generated data, made by Folio's own generator."] : [])];
  const body = `\\begin{tabular}{${"l".repeat(table.rowHeads)}${shapes.map(columnSpec).join("")}}
\\toprule
${heads}
\\midrule
${rows.join("\n")}
\\bottomrule
\\end{tabular}`;
  const ems = widthInEms(table, shapes);
  return `% Needs \\usepackage{booktabs,siunitx}${ems > 46 ? " and graphicx" : ""}.
\\begin{table}[tb]
\\centering
\\caption{${escapeLatex(table.caption)}}
\\label{${table.id}}
${ems > 38 ? "\\footnotesize\\setlength{\\tabcolsep}{3pt}" : "\\small"}
${ems > 46 ? `\\resizebox{\\linewidth}{!}{%\n${body}}` : body}
${notes.length ? `\\par\\smallskip\n\\begin{minipage}{0.95\\linewidth}\\footnotesize ${notes.map(escapeLatex).join(" ")}\\end{minipage}\n` : ""}\\end{table}
`;
}

/** How the numbers of a column are set: digits before and after the point, and whether an uncertainty stands beside them. */
interface ColumnShape {
  readonly whole: number;
  readonly decimals: number;
  readonly negative: boolean;
  readonly uncertain: boolean;
  /** Nothing but words: "not published". */
  readonly worded: boolean;
}

function columnShapes({ rows }: TableModel): ColumnShape[] {
  return (rows[0]?.cells ?? []).map((_, column) => {
    const numbers = rows.map((row) => row.cells[column]).filter((cell) => cell.kind === "number");
    const values = numbers.flatMap((cell) => (cell.value === null ? [] : [numberTexts(cell).value]));
    return {
      whole: Math.max(1, ...values.map((text) => text.replace("−", "").split(".")[0].length)),
      decimals: Math.max(0, ...values.map((text) => text.split(".")[1]?.length ?? 0)),
      negative: values.some((text) => text.startsWith("−")),
      uncertain: numbers.some((cell) => numberTexts(cell).uncertainty !== undefined),
      worded: values.length === 0,
    };
  });
}

function columnSpec({ whole, decimals, negative, uncertain, worded }: ColumnShape): string {
  if (worded) return "c";
  return `S[table-format=${negative ? "-" : ""}${whole}.${decimals}]${uncertain ? "@{\\,}l" : ""}`;
}

const columnsTaken = ({ uncertain, worded }: ColumnShape): number => (uncertain && !worded ? 2 : 1);

/** Roughly, in widths of an m of the table's type. */
function widthInEms({ rows, rowHeads, head }: TableModel, shapes: readonly ColumnShape[]): number {
  const stubs = Array.from({ length: rowHeads }, (_, level) => Math.max(...rows.map((row) => row.heads[level]?.length ?? 0)) * 0.5 + 1);
  const names = head.at(-1)!.slice(rowHeads).map(({ text }) => 0.55 * text.length);
  const numbers = shapes.map((_, column) => {
    const longest = Math.max(...rows.map(({ cells }) => {
      const cell = cells[column];
      return cell.kind === "number" ? Object.values(numberTexts(cell)).join(" ").length + cell.marks.length : 5;
    }));
    return Math.max(names[column] ?? 0, 0.5 * longest) + 1.2;
  });
  return [...stubs, ...numbers].reduce((sum, width) => sum + width, 0);
}

function latexHead(row: readonly HeadCell[], table: TableModel, level: number, shapes: readonly ColumnShape[]): string {
  const text = ({ text: words, arrow }: HeadCell): string => `${escapeLatex(words)}${arrow ? ` $${arrow === "↑" ? "\\uparrow" : "\\downarrow"}$` : ""}`;
  let column = 0;
  let place = 1;
  const rules: string[] = [];
  const cells = row.map((cell, i) => {
    const stub = i < table.rowHeads;
    const taken = stub ? 1 : shapes.slice(column, column + cell.span).reduce((sum, shape) => sum + columnsTaken(shape), 0);
    if (!stub) column += cell.span;
    const [from, to] = [place, place + taken - 1];
    place = to + 1;
    if (stub) return text(cell);
    if (cell.span > 1 && level < table.head.length - 1) rules.push(`\\cmidrule(lr){${from}-${to}}`);
    return taken === 1 ? `{${text(cell)}}` : `\\multicolumn{${taken}}{c}{${text(cell)}}`;
  });
  return `${cells.join(" & ")} \\\\${rules.length ? `\n${rules.join(" ")}` : ""}`;
}

function latexCell(cell: Cell, shape: ColumnShape): string {
  const over = (words: string): string => (columnsTaken(shape) === 2 ? `\\multicolumn{2}{c}{${words}}` : `{${words}}`);
  if (cell.kind === "unpublished") return over("n.\\,p.");
  if (cell.kind === "missing") return over("\\textit{no record}");
  const { value, uncertainty } = numberTexts(cell);
  const marks = superscript(cell);
  if (value === "—") return over(`---${marks}`);
  const number = value.replace("−", "-");
  // Braces keep siunitx from reading what it cannot set; the digits are those of the column, so they stay in line.
  const faced = cell.emphasis === "best" ? `{$\\mathbf{${number}}$}` : cell.emphasis === "second" ? `{\\underline{$${number}$}}` : number;
  if (columnsTaken(shape) === 1) return marks === "" ? faced : `{$${cell.emphasis === "best" ? `\\mathbf{${number}}` : number}$${marks}}`;
  const beside = uncertainty === undefined ? "" : uncertainty.startsWith("±") ? `$\\pm\\,${uncertainty.slice(2).replaceAll("−", "-")}$` : `{\\scriptsize ${uncertainty.replaceAll("−", "$-$")}}`;
  return `${faced} & ${marks}${beside}`;
}

function superscript({ marks, generated }: NumberCell): string {
  const all = [...marks, ...(generated ? ["g"] : [])];
  return all.length ? `$^{\\mathrm{${all.join(",")}}}$` : "";
}

/** A number in running text: $0.79$ [0.70, 0.86] or $0.79 \\pm 0.02$. */
export function latexNumber(cell: NumberCell): string {
  const { value, uncertainty } = numberTexts(cell);
  const number = value.replace("−", "-");
  const marks = superscript(cell);
  if (value === "—") return `---${marks}`;
  if (uncertainty?.startsWith("±")) return `$${number}${marks.slice(1, -1)} \\pm ${uncertainty.slice(2).replaceAll("−", "-")}$`;
  return `$${number}$${marks}${uncertainty ? ` {\\footnotesize ${uncertainty.replaceAll("−", "$-$")}}` : ""}`;
}

const latexEscapes: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", $: "\\$", "&": "\\&", "#": "\\#", "%": "\\%", _: "\\_", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
  "±": "$\\pm$", "×": "$\\times$", "≤": "$\\le$", "≥": "$\\ge$", "−": "$-$", "→": "$\\to$", "↑": "$\\uparrow$", "↓": "$\\downarrow$", "–": "--", "—": "---", "’": "'", "“": "``", "”": "''", "…": "\\ldots{}", "\u00a0": "~", "·": "$\\cdot$", "≈": "$\\approx$", "∈": "$\\in$", "∞": "$\\infty$", "°": "$^\\circ$", "²": "$^2$", "³": "$^3$", "µ": "$\\mu$", "′": "$'$", "½": "$\\frac12$", "√": "$\\surd$", "∩": "$\\cap$", "∪": "$\\cup$",
  ...greek(),
};

function greek(): Record<string, string> {
  const small = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi o pi rho varsigma sigma tau upsilon phi chi psi omega".split(" ");
  const capitals: Readonly<Record<string, string>> = { Γ: "Gamma", Δ: "Delta", Θ: "Theta", Λ: "Lambda", Ξ: "Xi", Π: "Pi", Σ: "Sigma", Φ: "Phi", Ψ: "Psi", Ω: "Omega" };
  return Object.fromEntries([...small.map((name, i) => [String.fromCharCode(0x3b1 + i), name] as const), ...Object.entries(capitals)].map(([letter, name]) => [letter, name === "o" ? "o" : `$\\${name}$`]));
}

const escaped = new RegExp(`[${Object.keys(latexEscapes).map((character) => (/[\\\]^-]/.test(character) ? `\\${character}` : character)).join("")}]`, "gu");

/** Text as LaTeX, for pdflatex with its plain fonts: Greek and mathematical signs become mathematics. */
export function escapeLatex(text: string): string {
  return text.replaceAll(escaped, (character) => latexEscapes[character]);
}

const lookalikes: Readonly<Record<string, string>> = { "─": "-", "━": "-", "═": "=", "│": "|", "┃": "|", "║": "|", "█": "\\rule{1ex}{1.5ex}", "•": "\\textbullet{}", "✓": "\\ensuremath{\\surd}", "✔": "\\ensuremath{\\surd}", "✖": "x", "⁻": "\\textsuperscript{-}" };

/**
 * What pdflatex must be told about characters that it does not know, for verbatim text too, which nothing escapes: a
 * look-alike, or for what has none, its number. LuaLaTeX and XeLaTeX know them and are told nothing.
 */
export function unicodeDeclarations(tex: string): string {
  const found = [...new Set(tex.match(/[\u{250}-\u{10ffff}]/gu) ?? [])].filter((character) => !"–—‘’“”†‡•…™€".includes(character)).sort();
  if (found.length === 0) return "";
  const lines = found.map((character) => {
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    const known = lookalikes[character] ?? latexEscapes[character]?.replace(/^\$(.*)\$$/, "\\ensuremath{$1}") ?? (character >= "\u2500" && character <= "\u257f" ? "+" : `[U+${code}]`);
    return `\\DeclareUnicodeCharacter{${code}}{${known}}`;
  });
  return `\\ifdefined\\pdfoutput\\ifdefined\\DeclareUnicodeCharacter\n${lines.join("\n")}\n\\fi\\fi\n`;
}
