import { InvalidValue } from "../core/index.js";
import { figure, axis, type Figure, type FigureOptions } from "./figure.js";
import { maskOutline } from "./outline.js";
import { grid } from "./panels.js";
import { picture, type PanelImage } from "./picture.js";
import { heading } from "./spectrogram.js";
import { colour, seriesStyles } from "./style.js";

export interface AgreementData {
  readonly title: string;
  readonly image: PanelImage;
  /** One mask a rater, of the image's shape; above 0 is inside. */
  readonly raters: readonly { readonly name: string; readonly mask: PanelImage }[];
}

/**
 * Where raters agree: the image with every rater's outline, beside it how many of them marked each pixel.
 * The description tells the share of all marked pixels that every rater marked.
 *
 * @throws InvalidValue with fewer than two raters, or a mask that is not of the image's shape
 */
export function agreementMap({ title, image, raters }: AgreementData, options: FigureOptions): Figure {
  if (raters.length < 2) throw new InvalidValue(`figure ${options.id}`, "needs at least two raters", raters.length);
  for (const { name, mask } of raters) {
    if (mask.shape.join() !== image.shape.join()) throw new InvalidValue(`figure ${options.id}, ${name}`, `must have the image's shape ${image.shape.join(" × ")}`, mask.shape);
  }
  const counts = Array.from({ length: image.values.length }, (_, i) => raters.filter(({ mask }) => mask.values[i] > 0).length);
  const [rows, columns] = image.shape;
  const n = raters.length;
  const any = counts.filter((count) => count > 0).length;
  const all = counts.filter((count) => count === n).length;
  const looks = seriesStyles(raters.map(({ name }) => name));
  const steps = Array.from({ length: n + 1 }, (_, k) => [[k / (n + 1), shade(k / n)], [(k + 1) / (n + 1), shade(k / n)]]).flat();
  const bare = { visible: false, showgrid: false };
  const across = (x: [number, number], own: string): object => axis({ ...bare, domain: x, range: [-0.5, columns - 0.5], anchor: `y${own}`, constrain: "domain" });
  const down = (own: string): object => axis({ ...bare, range: [rows - 0.5, -0.5], anchor: `x${own}`, scaleanchor: `x${own}`, constrain: "domain" });
  return figure(options, {
    data: [
      { type: "image", source: picture(image, "grey"), hoverinfo: "skip", xaxis: "x", yaxis: "y" },
      ...raters.map(({ name, mask }) => ({
        type: "scatter", mode: "lines", name, ...maskOutline(mask), hoverinfo: "skip", xaxis: "x", yaxis: "y", line: { color: looks.get(name)!.colour, dash: looks.get(name)!.dash, width: 1.8, simplify: false },
      })),
      {
        type: "heatmap", z: grid({ shape: image.shape, values: counts }), zmin: -0.5, zmax: n + 0.5, colorscale: steps, xaxis: "x2", yaxis: "y2",
        colorbar: { title: { text: "raters", side: "top", font: { size: 11.5 } }, thickness: 10, outlinewidth: 0, len: 1, x: 1.01, tickfont: { size: 11 }, tickvals: Array.from({ length: n + 1 }, (_, k) => k) },
        hovertemplate: `marked by %{z} of ${n}<extra></extra>`,
      },
    ],
    layout: {
      xaxis: across([0, 0.485], ""), yaxis: down(""), xaxis2: across([0.515, 1], "2"), yaxis2: down("2"),
      annotations: [heading(title, 0), heading("raters who marked a pixel", 0.515)],
      legend: { x: 0, y: 0, yref: "container", yanchor: "bottom", orientation: "h", font: { size: 11.5 } },
    },
    width: "text",
    height: Math.round(Math.min(430, 300 * (rows / columns)) + 74),
    margin: { l: 12, r: 62, t: 26, b: 44 },
    alt: `${title}: outlines of ${raters.map(({ name }) => name).join(", ")} and a map of their agreement. ${any === 0 ? "No rater marked a pixel." : `All ${n} marked ${all} of the ${any} pixels that any of them marked, ${Math.round((100 * all) / any)} %.`}`,
    table: {
      columns: ["marked_by", "pixels"],
      rows: Array.from({ length: n + 1 }, (_, k) => [k, counts.filter((count) => count === k).length]),
    },
  });
}

/** From the ground to full orange; as the style sheet's colours, so that the dark theme has its own. */
function shade(share: number): string {
  return share === 0 ? colour.shade : colour.series2 + Math.round((0.25 + 0.75 * share) * 255).toString(16).padStart(2, "0");
}
