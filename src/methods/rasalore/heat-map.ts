import { resizeBicubic, resizeBicubicReal } from "../../signal/index.js";
import type { RasaloreForm } from "./config.js";

/**
 * How much the class token looked at each patch, enlarged to the image that CLIP saw: bytes of which the largest is 255.
 *
 * `quantised-first` cuts attention to 8 bits before it is enlarged, as published: of a largest value of 0.1, 25 grey levels are left,
 * and a map that is below 1/255 everywhere is lost. `float` cuts once, at the end.
 *
 * @param attention [g, g], row by row from the top
 * @returns [size, size]
 * @see RASALoRE spec §3.2, §8.14, §10 vector 9
 */
export function heatMap(attention: ArrayLike<number>, grid: number, size: number, form: RasaloreForm["map"]): Uint8Array {
  const enlarged = form === "float"
    ? resizeBicubicReal({ width: grid, height: grid, data: attention }, size, size)
    : resizeBicubic({ width: grid, height: grid, channels: 1, data: Uint8Array.from(attention, (a) => Math.trunc(255 * a)) }, size, size).data;
  let highest = 0;
  for (const value of enlarged) highest = Math.max(highest, value);
  if (highest === 0) return new Uint8Array(size * size);
  return Uint8Array.from(enlarged, (value) => Math.trunc(255 * Math.max(0, value / highest)));
}

/** Half of the map's maximum or more. → 0 and 1 */
export const mapMask = (map: Uint8Array): Uint8Array => map.map((value) => (value > 127.5 ? 1 : 0));
