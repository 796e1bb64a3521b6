/**
 * The one style sheet of every figure: sizes in column widths, fonts, and two palettes that are read as one.
 * Builders write the light colours; {@link recolour} swaps every one of them for its dark twin, so a figure never
 * needs to know where it will be shown.
 */

/** Widths in CSS pixels at 96 dpi: 89 mm is a journal's single column, 180 mm its text width. */
export const widths = { column: 336, text: 680 } as const;

/**
 * One word, because Plotly's SVG export breaks on a family whose name needs quotes. The report brings Source Sans 3 under
 * this name; elsewhere the next family stands in.
 */
export const font = { family: "FolioSans, Helvetica, Arial, sans-serif", size: 12 } as const;

/** `light` is written by the builders; every entry of `dark` replaces the entry of the same name. */
export const tokens = {
  light: {
    ink: "#1c2128", muted: "#57606a", rule: "#8c959f", grid: "#e4e8ec", shade: "#eef2f6", paper: "#ffffff",
    series1: "#0b67a8", series2: "#c24a00", series3: "#00805a", series4: "#a0468a",
    series5: "#856404", series6: "#2f86ad", series7: "#6e5346", series8: "#5c5fb0",
    normal: "#3b7ea8", anomalous: "#c9502d",
  },
  dark: {
    ink: "#e6eaee", muted: "#a3adb8", rule: "#6b7681", grid: "#2c333b", shade: "#20272f", paper: "#14181d",
    series1: "#58b0ee", series2: "#ff9153", series3: "#3ecb9c", series4: "#e594cb",
    series5: "#dcb83e", series6: "#83d0f0", series7: "#cfa68f", series8: "#a5a8f2",
    normal: "#6db7e0", anomalous: "#ff8a63",
  },
} as const;

export type TokenName = keyof typeof tokens.light;
export type Theme = keyof typeof tokens;
export const colour = tokens.light;

/** How one method (or variant) looks in every figure: never by colour alone. */
export interface SeriesStyle {
  readonly colour: string;
  readonly dash: "solid" | "dash" | "dot" | "dashdot" | "longdash";
  readonly symbol: string;
}

const looks: readonly SeriesStyle[] = [
  { colour: colour.series1, dash: "solid", symbol: "circle" },
  { colour: colour.series2, dash: "dash", symbol: "square" },
  { colour: colour.series3, dash: "dashdot", symbol: "diamond" },
  { colour: colour.series4, dash: "longdash", symbol: "triangle-up" },
  { colour: colour.series5, dash: "dot", symbol: "cross" },
  { colour: colour.series6, dash: "solid", symbol: "triangle-down" },
  { colour: colour.series7, dash: "dash", symbol: "x" },
  { colour: colour.series8, dash: "dashdot", symbol: "star" },
];

/**
 * Gives each name its look by its place in the list; hand the same list to every figure of a report.
 * @example seriesStyles(["astra", "ae-mse"]).get("astra")?.colour // "#0b67a8"
 */
export function seriesStyles(names: readonly string[]): ReadonlyMap<string, SeriesStyle> {
  return new Map([...new Set(names)].map((name, i) => [name, looks[i % looks.length]!]));
}

/**
 * The looks of the series of one figure: their own where these differ, otherwise the later ones take a look that is free, so
 * that no two in a figure are alike (up to eight).
 */
export function distinctStyles(shown: readonly string[], styles: ReadonlyMap<string, SeriesStyle>): ReadonlyMap<string, SeriesStyle> {
  const taken = new Set<SeriesStyle>();
  const own = shown.map((name) => {
    const look = styles.get(name);
    if (look === undefined || taken.has(look)) return undefined;
    taken.add(look);
    return look;
  });
  const free = looks.filter((look) => !taken.has(look));
  return new Map(shown.map((name, i) => [name, own[i] ?? free.shift() ?? styles.get(name) ?? looks[0]]));
}

/** A colour of the style sheet made see-through, still known to {@link recolour}: `#0b67a8` → `#0b67a83d`. */
export function translucent(token: string, opacity: number): string {
  return token + Math.round(opacity * 255).toString(16).padStart(2, "0");
}

/** Light colour → dark colour, for pages that switch without building the figure again. */
export const darkTwins: Readonly<Record<string, string>> = Object.fromEntries(
  (Object.keys(tokens.light) as TokenName[]).map((name) => [tokens.light[name], tokens.dark[name]]),
);

/** The same Plotly JSON in another theme: every string that is a light colour of the style sheet is replaced. */
export function recolour<T>(value: T, theme: Theme): T {
  if (theme === "light") return value;
  return walk(value) as T;
}

function walk(value: unknown): unknown {
  if (typeof value === "string") return darkTwins[value.slice(0, 7)] === undefined ? value : darkTwins[value.slice(0, 7)] + value.slice(7);
  if (Array.isArray(value)) return value.map(walk);
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]));
}
