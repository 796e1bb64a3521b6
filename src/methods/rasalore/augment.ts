import type { Random } from "../../core/index.js";
import type { PreparedSlice } from "./prepare.js";

type Views = Pick<PreparedSlice, "image" | "map" | "mapLarge" | "segmenterLarge">;

/**
 * Training's random changes in their published order and strength: rotation by −90 … 90° (p .7), both flips (p .5), brightness and
 * contrast × 0.8 … 1.2 (p .5 each), noise of σ 10 (p .7), also on the background. Masks turn with the image, by the nearest pixel.
 * @param size S, the side of `image` and `map`
 * @see RASALoRE spec §2.4 step 6
 */
export function augment({ image, map, mapLarge, segmenterLarge }: Views, size: number, random: Random): Views {
  let views: Views = { image, map, mapLarge, segmenterLarge };
  const each = (change: (data: Uint8Array, side: number) => Uint8Array): void => {
    views = { image: change(views.image, size), map: change(views.map, size), mapLarge: change(views.mapLarge, 2 * size), segmenterLarge: change(views.segmenterLarge, 2 * size) };
  };
  if (random.chance(0.7)) {
    const degrees = random.integer(181) - 90;
    const turned = rotated(views.image, size, degrees, "bilinear");
    each((data, side) => rotated(data, side, degrees, "nearest"));
    views = { ...views, image: turned };
  }
  if (random.chance(0.5)) each((data, side) => data.map((_, i) => data[i - (i % side) + side - 1 - (i % side)]));
  if (random.chance(0.5)) each((data, side) => data.map((_, i) => data[(side - 1 - Math.floor(i / side)) * side + (i % side)]));
  let light = views.image;
  if (random.chance(0.5)) light = blended(light, 0, random.uniform(0.8, 1.2));
  if (random.chance(0.5)) light = blended(light, Math.trunc(light.reduce((sum, v) => sum + v, 0) / light.length + 0.5), random.uniform(0.8, 1.2));
  if (random.chance(0.7)) light = light.map((value) => Math.trunc(Math.min(255, Math.max(0, value + random.normal(0, 10)))));
  return { ...views, image: light };
}

/** other + factor·(v − other), cut to bytes: Pillow's ImageEnhance. */
const blended = (image: Uint8Array, other: number, factor: number): Uint8Array =>
  image.map((value) => Math.trunc(Math.min(255, Math.max(0, other + factor * (value - other)))));

/** Counter-clockwise about the middle of a square image, same canvas, zeros where nothing comes from. */
export function rotated(image: Uint8Array, side: number, degrees: number, how: "bilinear" | "nearest"): Uint8Array {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const middle = side / 2;
  const at = (y: number, x: number): number => (y < 0 || x < 0 || y >= side || x >= side ? 0 : image[y * side + x]);
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const [u, v] = [(i % side) + 0.5 - middle, Math.floor(i / side) + 0.5 - middle];
    const [x, y] = [cos * u - sin * v + middle, sin * u + cos * v + middle];
    if (x < 0 || y < 0 || x >= side || y >= side) return 0;
    if (how === "nearest") return at(Math.floor(y), Math.floor(x));
    const [fx, fy] = [Math.max(0, Math.min(side - 1, x - 0.5)), Math.max(0, Math.min(side - 1, y - 0.5))];
    const [x0, y0] = [Math.floor(fx), Math.floor(fy)];
    const [x1, y1] = [Math.min(side - 1, x0 + 1), Math.min(side - 1, y0 + 1)];
    const top = at(y0, x0) * (1 - (fx - x0)) + at(y0, x1) * (fx - x0);
    const bottom = at(y1, x0) * (1 - (fx - x0)) + at(y1, x1) * (fx - x0);
    return Math.trunc(top * (1 - (fy - y0)) + bottom * (fy - y0) + 0.5);
  });
}
