import { InvalidValue } from "../core/index.js";
import { axis, figure, legendLines, wrapped, type Figure, type FigureOptions } from "./figure.js";
import { maskOutline } from "./outline.js";
import { heatPicture, picture, rangeOf, type PanelImage } from "./picture.js";
import { colour, translucent } from "./style.js";

/** What is drawn over an image: a mask's outline or area, weights as a heat map, or single points. */
export type PanelOverlay = MaskOverlay | HeatOverlay | PointOverlay;

export interface MaskOverlay {
  readonly name: string;
  /** Above 0 is inside. */
  readonly mask: PanelImage;
  /** A colour of the style sheet, such as `colour.series2`. */
  readonly colour: string;
  readonly draw: "contour" | "fill";
}

export interface HeatOverlay {
  readonly name: string;
  /** Any grid over the image, coarser ones are stretched: 7 × 7 attention over 224 × 224 pixels. */
  readonly weights: PanelImage;
  readonly draw: "heat";
  /** Weights that are clear and dense; the smallest and largest unless given. */
  readonly range?: readonly [low: number, high: number];
}

export interface PointOverlay {
  readonly name: string;
  /** Row and column in pixels of the image. */
  readonly points: readonly (readonly [row: number, column: number])[];
  readonly colour: string;
  readonly draw: "points";
  readonly symbol?: "circle" | "cross" | "x" | "star";
}

export interface Panel {
  readonly title: string;
  readonly image: PanelImage;
  /** `grey` for anatomy, `plasma` for k-space and other magnitudes, `agreement` for how many raters marked a pixel. */
  readonly scale?: "grey" | "plasma" | "agreement";
  readonly range?: readonly [low: number, high: number];
  readonly overlays?: readonly PanelOverlay[];
  /** Letters at the left, right, top and bottom: `["R", "L", "A", "P"]`. */
  readonly orientation?: readonly [left: string, right: string, top: string, bottom: string];
}

export interface PanelsOptions extends FigureOptions {
  /** Panels a row; three or four unless given. */
  readonly columns?: number;
  /** A bar in the first panel, `pixels` long: `{ pixels: 20, label: "10 mm" }`. */
  readonly scaleBar?: { readonly pixels: number; readonly label: string };
}

/**
 * Images side by side: a montage of slices with masks drawn in, a gallery of candidates, attention over an image, a
 * k-space. Drawn as pictures and lines, without WebGL, so that print and screen agree.
 *
 * @throws InvalidValue without a panel, or when a mask's shape is not its image's
 * @example imagePanels([{ title: "Slice 12", image, overlays: [{ name: "truth", mask, colour: colour.series2, draw: "contour" }] }], { id: "slices", generated: true })
 */
export function imagePanels(panels: readonly Panel[], options: PanelsOptions): Figure {
  if (panels.length === 0) throw new InvalidValue(`figure ${options.id}`, "needs at least one panel", panels);
  for (const panel of panels) checkMasks(panel, options.id);
  const columns = options.columns ?? evenColumns(panels.length);
  const rowCount = Math.ceil(panels.length / columns);
  const width = columns > 2 ? 680 : 336;
  const tallest = Math.max(...panels.map(({ image }) => image.shape[0] / image.shape[1]));
  const cell = (width - 24) / columns;
  const entries = legendEntries(panels);
  const below = entries.length ? 12 + 20 * legendLines(entries.map(({ name }) => name), width) : 10;
  const titleLines = Math.max(...panels.map(({ title }) => wrapped(title, cell).split("<br>").length));
  const titleRoom = 10 + 15 * titleLines;
  const [above, plotHeight] = [20, rowCount * (cell * tallest + titleRoom)];
  const place = (i: number): Place => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return {
      x: [column / columns, (column + 0.965) / columns],
      y: [1 - ((row + 1) * (cell * tallest + titleRoom) - 4) / plotHeight, 1 - (row * (cell * tallest + titleRoom) + titleRoom) / plotHeight],
      width: cell,
    };
  };
  const name = (i: number): string => (i === 0 ? "" : String(i + 1));
  return figure({ ...options, width: columns > 2 ? "text" : "column" }, {
    data: [
      ...panels.flatMap((panel, i) => [imageTrace(panel, name(i)), ...(panel.overlays ?? []).map((overlay) => overlayTrace(overlay, panel.image, name(i)))]),
      ...entries.map(legendTrace),
    ],
    layout: {
      ...Object.fromEntries(panels.flatMap((panel, i) => panelAxes(panel, place(i), name(i)))),
      annotations: panels.flatMap((panel, i) => [...panelWords(panel, place(i), name(i)), ...(i === 0 && options.scaleBar ? [scaleWords(panel, options.scaleBar)] : [])]),
      shapes: options.scaleBar ? [scaleBar(panels[0], options.scaleBar)] : [],
      showlegend: entries.length > 0,
      legend: { x: 0, y: 0, yref: "container", yanchor: "bottom", orientation: "h", font: { size: 11.5 }, itemclick: false, itemdoubleclick: false },
    },
    height: Math.round(above + plotHeight + below),
    margin: { l: 12, r: 12, t: above, b: below },
    alt: `${panels.length} ${panels.length === 1 ? "image" : "images"}: ${panels.map(({ title, overlays = [] }) => (overlays.length ? `${title} with ${overlays.map((overlay) => overlay.name).join(" and ")}` : title)).join("; ")}.`,
    table: { columns: ["panel", "overlay", "drawn_as", "count"], rows: panels.flatMap(panelRows) },
  });
}

interface Place {
  readonly x: [number, number];
  readonly y: [number, number];
  /** Pixels. */
  readonly width: number;
}

/** As many panels a row, up to four, as leave the last row fullest. */
function evenColumns(n: number): number {
  return n <= 4 ? n : n % 4 !== 0 && (n % 3 === 0 || n % 3 > n % 4) ? 3 : 4;
}

function checkMasks({ image, overlays = [], title }: Panel, id: string): void {
  for (const overlay of overlays) {
    if (!("mask" in overlay)) continue;
    const { shape } = overlay.mask;
    if (shape[0] !== image.shape[0] || shape[1] !== image.shape[1]) {
      throw new InvalidValue(`figure ${id}, ${title}, ${overlay.name}`, `must have the image's shape ${image.shape.join(" × ")}`, shape);
    }
  }
}

/** What stands in the CSV: pixels inside a mask, points, or weights. */
function panelRows({ title, overlays = [], image }: Panel): (string | number | null)[][] {
  if (overlays.length === 0) return [[title, null, "image", image.values.length]];
  return overlays.map((overlay) => {
    if ("mask" in overlay) return [title, overlay.name, overlay.draw, Array.from(overlay.mask.values).filter((value) => value > 0).length];
    return [title, overlay.name, overlay.draw, "points" in overlay ? overlay.points.length : overlay.weights.values.length];
  });
}

function legendEntries(panels: readonly Panel[]): PanelOverlay[] {
  return [...new Map(panels.flatMap(({ overlays = [] }) => overlays).map((overlay) => [overlay.name, overlay])).values()].filter(({ draw }) => draw !== "heat");
}

function legendTrace(overlay: PanelOverlay): Record<string, unknown> {
  const common = { type: "scatter", x: [null], y: [null], name: overlay.name };
  if (overlay.draw === "points") return { ...common, mode: "markers", marker: { color: overlay.colour, symbol: overlay.symbol ?? "circle", size: 8 } };
  const { colour: ink } = overlay as MaskOverlay;
  if (overlay.draw === "fill") return { ...common, mode: "markers", marker: { color: translucent(ink, 0.55), symbol: "square", size: 12, line: { color: ink, width: 1 } } };
  return { ...common, mode: "lines", line: { color: ink, width: 2 } };
}

function imageTrace({ image, scale = "grey", range, title }: Panel, axisName: string): Record<string, unknown> {
  const axes = { xaxis: `x${axisName}`, yaxis: `y${axisName}`, name: title };
  if (scale !== "agreement") return { ...axes, type: "image", source: picture(image, scale, range), hoverinfo: "skip" };
  const [low, high] = range ?? [0, Math.max(1, rangeOf(image)[1])];
  return {
    ...axes, type: "heatmap", z: grid(image), zmin: low, zmax: high, colorscale: [[0, colour.shade], [1, colour.series2]], showscale: false,
    hovertemplate: `${title}<br>marked by %{z}<extra></extra>`,
  };
}

function overlayTrace(overlay: PanelOverlay, image: PanelImage, axisName: string): Record<string, unknown> {
  const common = { xaxis: `x${axisName}`, yaxis: `y${axisName}`, showlegend: false, hoverinfo: "skip", name: overlay.name };
  if (overlay.draw === "heat") {
    const { weights, range } = overlay;
    const [dy, dx] = [image.shape[0] / weights.shape[0], image.shape[1] / weights.shape[1]];
    return { ...common, type: "image", source: heatPicture(weights, range), x0: (dx - 1) / 2, dx, y0: (dy - 1) / 2, dy };
  }
  if (overlay.draw === "points") {
    const { points, colour: ink, symbol = "circle" } = overlay;
    return { ...common, type: "scatter", mode: "markers", x: points.map(([, column]) => column), y: points.map(([row]) => row), marker: { color: ink, symbol, size: points.length > 60 ? 3.5 : 8, line: { color: "#fffffe", width: points.length > 60 ? 0 : 1 } } };
  }
  const { mask, colour: ink, draw } = overlay;
  const line = { color: ink, width: draw === "fill" ? 0.8 : 1.8, shape: "linear", simplify: false };
  return { ...common, type: "scatter", mode: "lines", ...maskOutline(mask), line, ...(draw === "fill" && { fill: "toself", fillcolor: translucent(ink, 0.45) }) };
}

function panelAxes({ image: { shape } }: Panel, { x, y }: Place, name: string): [string, object][] {
  const bare = { visible: false, showgrid: false };
  return [
    [`xaxis${name}`, axis({ ...bare, domain: x, range: [-0.5, shape[1] - 0.5], anchor: `y${name}`, constrain: "domain" })],
    [`yaxis${name}`, axis({ ...bare, domain: y, range: [shape[0] - 0.5, -0.5], anchor: `x${name}`, scaleanchor: `x${name}`, constrain: "domain" })],
  ];
}

function panelWords({ title, orientation, image: { shape } }: Panel, { x, y, width }: Place, name: string): object[] {
  const heading = { text: wrapped(title, width), align: "left", xref: "paper", yref: "paper", x: x[0], y: y[1], xanchor: "left", yanchor: "bottom", showarrow: false, font: { size: 11.5, color: colour.ink } };
  if (!orientation) return [heading];
  const [rows, columns] = shape;
  const at = [[0.04, 0.5], [0.96, 0.5], [0.5, 0.05], [0.5, 0.95]] as const;
  return [
    heading,
    ...orientation.map((text, i) => ({
      text, xref: `x${name}`, yref: `y${name}`, x: at[i][0] * (columns - 1), y: at[i][1] * (rows - 1), showarrow: false, font: { size: 11, color: "#fffffe" },
    })),
  ];
}

const scaleBar = ({ image: { shape } }: Panel, { pixels }: { pixels: number }): object => ({
  type: "line", xref: "x", yref: "y", x0: shape[1] * 0.05, x1: shape[1] * 0.05 + pixels, y0: shape[0] * 0.93, y1: shape[0] * 0.93, line: { color: "#fffffe", width: 3 },
});

const scaleWords = ({ image: { shape } }: Panel, { pixels, label }: { pixels: number; label: string }): object => ({
  text: label, xref: "x", yref: "y", x: shape[1] * 0.05 + pixels / 2, y: shape[0] * 0.9, yanchor: "bottom", showarrow: false, font: { size: 10.5, color: "#fffffe" },
});

export function grid({ shape: [height, width], values }: PanelImage): number[][] {
  return Array.from({ length: height }, (_, row) => Array.from({ length: width }, (__, column) => Number(values[row * width + column].toPrecision(4))));
}
