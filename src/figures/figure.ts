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
