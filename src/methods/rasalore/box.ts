import type { Random } from "../../core/index.js";
import type { RasaloreForm } from "./config.js";

/** Corners in pixels, both inside. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * The tight box round what exceeds half of a map's range; undefined where the map is flat.
 * @example boxOfMap(Uint8Array.of(0, 0, 9, 0), 2) // { left: 0, top: 1, right: 0, bottom: 1 }
 */
export function boxOfMap(map: ArrayLike<number>, size: number): Box | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < map.length; i++) [low, high] = [Math.min(low, map[i]), Math.max(high, map[i])];
  if (high === low) return undefined;
  const box = { left: size, top: size, right: -1, bottom: -1 };
  for (let i = 0; i < map.length; i++) {
    if ((map[i] - low) / (high - low) <= 0.5) continue;
    const [y, x] = [Math.floor(i / size), i % size];
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

/** Moves each side out by a whole number from 0 to `jitter` − 1, not beyond the picture. @see RASALoRE spec §3.3 */
export function jitteredBox({ left, top, right, bottom }: Box, size: number, jitter: number, random: Random): Box {
  const draw = (): number => (jitter > 0 ? random.integer(jitter) : 0);
  return { left: Math.max(0, left - draw()), top: Math.max(0, top - draw()), right: Math.min(size - 1, right + draw()), bottom: Math.min(size - 1, bottom + draw()) };
}

/** A box of the map as pixels of the image; `unscaled` takes the numbers as they are, as published, 1/15 too small. */
export function boxOnImage({ left, top, right, bottom }: Box, mapSize: number, imageSize: number, form: RasaloreForm["box"]): Box {
  const factor = form === "scaled" ? imageSize / mapSize : 1;
  return { left: left * factor, top: top * factor, right: (right + 1) * factor - 1, bottom: (bottom + 1) * factor - 1 };
}
