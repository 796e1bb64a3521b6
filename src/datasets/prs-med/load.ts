import { silent, stopIfAborted, type Progress } from "../../core/index.js";
import { resizeBilinear } from "../../signal/index.js";
import { readMask, readPicture, toRgb } from "../rated/pixels.js";
import type { PrsRow } from "./row.js";

/** {@link PrsRow} read and brought to one square size. */
export interface PrsCase extends PrsRow {
  /** S: picture and mask are S×S, row by row from the top. */
  readonly size: number;
  /** [S, S, 3], 0–255. */
  readonly pixels: Uint8Array;
  /** [S, S] in [0, 1]: resized like the picture and **not** cut at one half, as in training. */
  readonly softMask: Float32Array;
}

/** Of a padded square: grey that is CLIP's mean colour. */
const padding = [122, 116, 104] as const;

/**
 * Reads one row at S×S: bilinear with antialias, aspect ignored. A mask stored as 0 and 1 instead of 0 and 255 is rescaled.
 * @throws BadFile when a file is missing or is no 8-bit image
 * @see PRS-Med spec §2.3
 */
export async function loadPrsRow(row: PrsRow, size: number): Promise<PrsCase> {
  const [picture, mask] = await Promise.all([readPicture(row.image), readMask(row.mask)]);
  const top = mask.data.reduce((most, level) => Math.max(most, level), 0);
  const full = top === 1 ? { ...mask, data: mask.data.map((level) => 255 * level) } : mask;
  return {
    ...row, size,
    pixels: resizeBilinear(toRgb(picture), size, size).data,
    softMask: Float32Array.from(resizeBilinear(full, size, size).data, (level) => level / 255),
  };
}

/** {@link loadPrsRow} on many, in order. */
export async function loadPrsRows(rows: readonly PrsRow[], size: number, { progress = silent, signal }: { progress?: Progress; signal?: AbortSignal } = {}): Promise<PrsCase[]> {
  const task = progress.begin("read pictures", rows.length);
  const cases: PrsCase[] = [];
  for (const row of rows) {
    stopIfAborted(signal);
    cases.push(await loadPrsRow(row, size));
    task.update(cases.length);
  }
  task.end(`${cases.length} pictures`);
  return cases;
}

/**
 * Pads a picture to a square with CLIP's mean colour, the picture in the middle (rounded down; the original rounds at random).
 * @param rgb [height, width, 3]
 * @returns [side, side, 3]
 * @see PRS-Med spec §2.3, §8.16
 */
export function padToSquare(rgb: Uint8Array, width: number, height: number): { readonly side: number; readonly data: Uint8Array } {
  const side = Math.max(width, height);
  const [left, top] = [Math.floor((side - width) / 2), Math.floor((side - height) / 2)];
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => padding[i % 3]);
  for (let y = 0; y < height; y++) data.set(rgb.subarray(3 * y * width, 3 * (y + 1) * width), 3 * ((y + top) * side + left));
  return { side, data };
}
