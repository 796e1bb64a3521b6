import { figure, axis, type Figure, type FigureOptions } from "./figure.js";
import { plasma } from "./spectrogram.js";
import { colour, translucent } from "./style.js";

/** Row-major, row 0 at the top as images are. */
export interface PanelImage {
  readonly shape: readonly [rows: number, columns: number];
  readonly values: readonly number[];
}

export interface PanelOverlay {
  readonly name: string;
  /** Above 0 is inside. */
  readonly mask: PanelImage;
  /** A colour of the style sheet, such as `colour.series2`. */
  readonly colour: string;
  readonly draw: "contour" | "fill";
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
  readonly columns?: number;
  /** A bar of `length` in the first panel, `pixels` long. */
  readonly scaleBar?: { readonly pixels: number; readonly label: string };
}

/**
 * Images side by side: a montage of slices with masks drawn in, a map of raters' agreement, a k-space acquisition.
 * Drawn as cells and lines, without WebGL, so that print and screen agree.
 */
export function imagePanels(panels: readonly Panel[], options: PanelsOptions): Figure {
  const columns = options.columns ?? Math.min(4, panels.length);
  const rowCount = Math.ceil(panels.length / columns);
  const width = columns > 2 ? 680 : 336;
  const tallest = Math.max(...panels.map(({ image }) => image.shape[0] / image.shape[1]));
  const cell = (width - 24) / columns;
  const height = Math.round(rowCount * (cell * tallest + 26) + 50);
  const legend = [...new Map(panels.flatMap(({ overlays = [] }) => overlays).map((overlay) => [overlay.name, overlay])).values()];
  const place = (i: number): { x: [number, number]; y: [number, number] } => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return { x: [column / columns, (column + 0.965) / columns], y: [1 - (row + 1 - 0.02) / rowCount, 1 - (row + 0.1) / rowCount] };
  };
  const name = (i: number): string => (i === 0 ? "" : String(i + 1));
  return figure({ ...options, width: columns > 2 ? "text" : "column" }, {
    data: [
      ...panels.flatMap((panel, i) => [imageTrace(panel, name(i)), ...(panel.overlays ?? []).map((overlay) => overlayTrace(overlay, name(i)))]),
      ...legend.map((overlay) => ({
        type: "scatter", mode: "lines", x: [null], y: [null], name: overlay.name, line: { color: overlay.colour, width: overlay.draw === "fill" ? 8 : 2 },
      })),
    ],
    layout: {
      ...Object.fromEntries(panels.flatMap((panel, i) => panelAxes(panel, place(i), name(i)))),
      annotations: panels.flatMap((panel, i) => [...panelWords(panel, place(i), name(i)), ...(i === 0 && options.scaleBar ? [scaleWords(panel, options.scaleBar)] : [])]),
      shapes: options.scaleBar ? [scaleBar(panels[0], options.scaleBar)] : [],
      showlegend: legend.length > 0,
      legend: { x: 0, y: 0, yref: "container", yanchor: "bottom", orientation: "h", font: { size: 11.5 } },
    },
    height,
    margin: { l: 12, r: 12, t: 24, b: legend.length ? 30 : 10 },
    alt: `${panels.length} images: ${panels.map(({ title, overlays = [] }) => (overlays.length ? `${title} with ${overlays.map((overlay) => overlay.name).join(" and ")}` : title)).join("; ")}.`,
    table: {
      columns: ["panel", "overlay", "pixels_inside"],
      rows: panels.flatMap(({ title, overlays = [], image }) =>
        overlays.length ? overlays.map((overlay) => [title, overlay.name, overlay.mask.values.filter((value) => value > 0).length]) : [[title, null, image.values.length]],
      ),
    },
  });
}

function imageTrace({ image, scale = "grey", range, title }: Panel, axisName: string): Record<string, unknown> {
  const scales = { grey: [[0, "#000000"], [1, "#fffffe"]], plasma, agreement: [[0, translucent(colour.shade, 1)], [1, colour.series2]] };
  return {
    type: "heatmap", z: grid(image), colorscale: scales[scale], showscale: false, xaxis: `x${axisName}`, yaxis: `y${axisName}`, name: title,
    ...(range && { zmin: range[0], zmax: range[1] }), hovertemplate: `${title}<br>%{x}, %{y}: %{z:.3g}<extra></extra>`,
  };
}

function overlayTrace({ mask, colour: ink, draw, name }: PanelOverlay, axisName: string): Record<string, unknown> {
  const common = { z: grid(mask).map((line) => line.map((value) => (value > 0 ? 1 : 0))), xaxis: `x${axisName}`, yaxis: `y${axisName}`, showscale: false, showlegend: false, hoverinfo: "skip", name };
  if (draw === "fill") return { ...common, type: "heatmap", zmin: 0, zmax: 1, colorscale: [[0, translucent(ink, 0)], [1, translucent(ink, 0.45)]] };
  return { ...common, type: "contour", contours: { start: 0.5, end: 0.5, size: 1, coloring: "none" }, line: { color: ink, width: 1.8, smoothing: 0 } };
}

function panelAxes({ image: { shape } }: Panel, { x, y }: { x: [number, number]; y: [number, number] }, name: string): [string, object][] {
  const bare = { visible: false, showgrid: false };
  return [
    [`xaxis${name}`, axis({ ...bare, domain: x, range: [-0.5, shape[1] - 0.5], anchor: `y${name}`, constrain: "domain" })],
    [`yaxis${name}`, axis({ ...bare, domain: y, range: [shape[0] - 0.5, -0.5], anchor: `x${name}`, scaleanchor: `x${name}`, constrain: "domain" })],
  ];
}

function panelWords({ title, orientation, image: { shape } }: Panel, { x, y }: { x: [number, number]; y: [number, number] }, name: string): object[] {
  const heading = { text: title, xref: "paper", yref: "paper", x: x[0], y: y[1], xanchor: "left", yanchor: "bottom", showarrow: false, font: { size: 11.5, color: colour.ink } };
  if (!orientation) return [heading];
  const [rows, columns] = shape;
  const at = [[0.02, 0.5], [0.98, 0.5], [0.5, 0.03], [0.5, 0.97]] as const;
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

function grid({ shape: [height, width], values }: PanelImage): number[][] {
  return Array.from({ length: height }, (_, row) => values.slice(row * width, (row + 1) * width).map((value) => Number(value.toPrecision(4))));
}
