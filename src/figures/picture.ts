import { encodePng } from "../io/index.js";
import { plasma } from "./spectrogram.js";

/** Row-major, row 0 at the top as images are. */
export interface PanelImage {
  readonly shape: readonly [rows: number, columns: number];
  readonly values: ArrayLike<number>;
}

export type Shades = "grey" | "plasma";

/**
 * An image as a PNG that stands in the page itself: `low` becomes the darkest shade, `high` the brightest. A report
 * holds dozens of images; as a picture each is a tenth of what its numbers are as text.
 */
export function picture(image: PanelImage, shades: Shades, range: readonly [low: number, high: number] = rangeOf(image)): string {
  const { shape: [height, width] } = image;
  const levels = Uint8Array.from(image.values, (value) => level(value, range));
  if (shades === "grey") return uri(encodePng({ width, height, channels: 1, data: levels }));
  const data = new Uint8Array(levels.length * 3);
  levels.forEach((at, i) => data.set(plasmaAt(at), 3 * i));
  return uri(encodePng({ width, height, channels: 3, data }));
}

/** Weights over an image: clear where there are none, plasma and denser the higher they are. */
export function heatPicture(image: PanelImage, range: readonly [low: number, high: number] = rangeOf(image)): string {
  const { shape: [height, width] } = image;
  const data = new Uint8Array(height * width * 4);
  for (let i = 0; i < height * width; i++) {
    const at = level(image.values[i], range);
    data.set([...plasmaAt(at), Math.round(Math.min(1, at / 140) * 190)], 4 * i);
  }
  return uri(encodePng({ width, height, channels: 4, data }));
}

/** Smallest and largest finite value; `[0, 1]` when there is none. */
export function rangeOf({ values }: Pick<PanelImage, "values">): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return low <= high ? [low, high] : [0, 1];
}

function level(value: number, [low, high]: readonly [number, number]): number {
  const share = (value - low) / (high - low || 1);
  return Number.isFinite(share) ? Math.round(255 * Math.min(1, Math.max(0, share))) : 0;
}

const plasmaStops = plasma.map(([, hex]) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)));

function plasmaAt(at: number): [red: number, green: number, blue: number] {
  const place = (at / 255) * (plasmaStops.length - 1);
  const below = Math.min(plasmaStops.length - 2, Math.floor(place));
  const [a, b] = [plasmaStops[below], plasmaStops[below + 1]];
  const mix = (channel: number): number => Math.round(a[channel] + (b[channel] - a[channel]) * (place - below));
  return [mix(0), mix(1), mix(2)];
}

const uri = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
