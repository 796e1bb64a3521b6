import { InvalidValue } from "../core/index.js";
import { colour, font, widths } from "./style.js";

/**
 * A figure before it is drawn: a Plotly specification with what a paper needs around it.
 * Builders are pure; the report, the kernel's display and the exports draw it.
 */
export interface Figure {
  /** Kebab-case, unique in a report: `roc-fan`. */
  readonly id: string;
  /** Plotly traces and layout, plain JSON; colours and fonts come from the style sheet. */
  readonly data: readonly PlotlyTrace[];
  readonly layout: PlotlyLayout;
  /** What a reader who cannot see it must know; required, a sentence or two. */
  readonly alt: string;
  readonly caption?: string;
  /** The numbers shown, for the CSV beside an export. */
  readonly table?: { readonly columns: readonly string[]; readonly rows: readonly (readonly (string | number | null)[])[] };
  /** True when any number in it comes from generated data; the drawing says so. */
  readonly generated: boolean;
}

export type PlotlyTrace = Readonly<Record<string, unknown>>;
export type PlotlyLayout = Readonly<Record<string, unknown>>;

/** What every builder takes beside its data. */
export interface FigureOptions {
  readonly id: string;
  readonly generated: boolean;
  readonly caption?: string;
  /** Replaces the sentence the builder writes from the numbers. */
  readonly alt?: string;
  readonly width?: keyof typeof widths;
  /** CSS pixels. */
  readonly height?: number;
}

export interface FigureParts {
  readonly data: readonly PlotlyTrace[];
  readonly layout: PlotlyLayout;
  readonly alt: string;
  readonly table: NonNullable<Figure["table"]>;
  readonly height?: number;
  readonly width?: keyof typeof widths;
  /** Pixels around the plot area; the generated-data mark stands in the top margin. */
  readonly margin?: Readonly<Partial<Record<"l" | "r" | "t" | "b", number>>>;
}

/**
 * Puts the parts a builder made into the style sheet's frame. Every figure is made here, so every drawing of
 * generated data carries the words, and none lacks a description.
 * @throws InvalidValue when the id is not kebab-case or the description is empty
 */
export function figure(options: FigureOptions, parts: FigureParts): Figure {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(options.id)) throw new InvalidValue("figure id", "must be kebab-case", options.id);
  const alt = (options.alt ?? parts.alt).trim();
  if (alt === "") throw new InvalidValue(`figure ${options.id}`, "must have a description (alt)", alt);
  const { annotations = [], xaxis, yaxis, ...layout } = harmless(parts.layout) as { annotations?: readonly unknown[]; xaxis?: object; yaxis?: object };
  return {
    id: options.id,
    data: harmless(parts.data),
    layout: {
      width: widths[options.width ?? parts.width ?? "column"],
      height: options.height ?? parts.height ?? 260,
      margin: { l: 56, r: 14, t: 26, b: 46, ...parts.margin },
      font: { family: font.family, size: font.size, color: colour.ink },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      hovermode: "closest",
      hoverlabel: { font: { family: font.family, size: font.size } },
      legend: { x: 0, y: -0.24, xanchor: "left", yanchor: "top", orientation: "h", font: { size: 11.5 } },
      ...layout,
      xaxis: axis(xaxis),
      yaxis: axis(yaxis),
      annotations: [...annotations, ...(options.generated ? [generatedMark] : [])],
    },
    alt: options.generated ? `${alt} Made from generated data.` : alt,
    ...(options.caption !== undefined && { caption: options.caption }),
    table: parts.table,
    generated: options.generated,
  };
}

/** What builders themselves write into texts; Plotly would take links and styles too. */
const markup = /<(?!\/?(?:br|b|i|sub|sup|extra)>)/g;

/** Names come from files that anyone may have written: in a drawing they are text, never a link. */
function harmless<T>(value: T): T {
  if (typeof value === "string") return value.replaceAll(markup, "&lt;") as T;
  if (Array.isArray(value)) return value.some((item) => typeof item === "string" || typeof item === "object") ? (value.map(harmless) as T) : value;
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, harmless(item)])) as T;
}

/** A thin frame left and below, quiet grid, outside ticks. */
export function axis(own: object = {}): PlotlyLayout {
  const { title, ...rest } = own as { title?: string };
  return {
    showline: true, linecolor: colour.rule, linewidth: 1,
    ticks: "outside", ticklen: 4, tickcolor: colour.rule, tickfont: { size: 11.5, color: colour.muted },
    gridcolor: colour.grid, zeroline: false, automargin: false,
    ...(title !== undefined && { title: { text: title, font: { size: 12.5 }, standoff: 8 } }),
    ...rest,
  };
}

/** Lines that a horizontal legend takes in this many pixels: where its entries do not fit one line, Plotly makes all as wide as the widest. */
export function legendLines(names: readonly string[], width: number): number {
  const widths = names.map((name) => 52 + 6.4 * name.length);
  if (widths.reduce((sum, one) => sum + one, 0) <= width) return 1;
  return Math.ceil(names.length / Math.max(1, Math.floor(width / Math.max(...widths))));
}

/** Breaks text between words with `<br>`, so that no line is wider than `width` pixels in letters of `size`. */
export function wrapped(text: string, width: number, size = 11.5): string {
  const most = Math.max(6, Math.floor(width / (0.53 * size)));
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join("<br>");
}

export const generatedText = "Generated data";

const generatedMark = {
  text: generatedText, xref: "paper", yref: "paper", x: 1, y: 1, xanchor: "right", yanchor: "bottom", yshift: 6,
  showarrow: false, font: { size: 10.5, color: colour.muted }, name: "generated",
};
