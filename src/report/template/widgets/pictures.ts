import { colour, heatPicture, maskOutline, picture, rangeOf, tokens, type Outline } from "../../../figures/index.js";
import type { PanelArtifact, PanelOverlayArtifact } from "../../../results/index.js";

/** A picture as the page's scripts draw it: an image and, over it, shapes in pixel coordinates. */
export interface LivePicture {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly src: string;
  readonly letters?: readonly string[];
  readonly overlays: readonly LiveOverlay[];
}

export interface LiveOverlay {
  readonly name: string;
  readonly draw: PanelOverlayArtifact["draw"];
  /** A name of the style sheet: `series2`. */
  readonly ink: string;
  /** An SVG path. */
  readonly path?: string;
  readonly src?: string;
  readonly points?: readonly (readonly [number, number])[];
}

const inks = ["series2", "series6", "series3", "series4", "series5"] as const;

/** Gives every overlay name one colour, in the order of their first use. */
export function inksOf(pictures: readonly PanelArtifact[]): ReadonlyMap<string, (typeof inks)[number]> {
  const names = [...new Set(pictures.flatMap(({ overlays = [] }) => overlays.filter(({ draw }) => draw !== "heat").map(({ name }) => name)))];
  return new Map(names.map((name, i) => [name, inks[i % inks.length]]));
}

export const inkColour = (name: (typeof inks)[number]): string => colour[name] satisfies (typeof tokens.light)[typeof name];

export function livePicture({ title, image, scale = "grey", range, overlays = [], orientation }: PanelArtifact, names: ReturnType<typeof inksOf>): LivePicture {
  const [height, width] = image.shape;
  const shades = scale === "agreement" ? "plasma" : scale;
  return {
    title, width, height, src: picture(image, shades, range ?? rangeOf(image)), ...(orientation && { letters: orientation }),
    overlays: overlays.map((overlay): LiveOverlay => {
      const common = { name: overlay.name, draw: overlay.draw, ink: names.get(overlay.name) ?? "series2" };
      if (overlay.draw === "heat") return { ...common, src: heatPicture(overlay.weights, overlay.range) };
      if (overlay.draw === "points") return { ...common, points: overlay.points };
      return { ...common, path: svgPath(maskOutline(overlay.mask)) };
    }),
  };
}

/** An outline along pixels' edges as a path of level and upright strokes. */
export function svgPath({ x, y }: Outline): string {
  let path = "";
  x.forEach((column, i) => {
    const row = y[i];
    if (column === null || row === null) return;
    const [before, above] = [x[i - 1], y[i - 1]];
    if (before === undefined || before === null) path += `M${column} ${row}`;
    else path += above === row ? `H${column}` : `V${row}`;
    if (x[i + 1] === null || i === x.length - 1) path += "Z";
  });
  return path;
}
