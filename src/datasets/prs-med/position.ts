import { InvalidValue, ShapeMismatch } from "../../core/index.js";
import { components, type Mask, type Zone } from "../../metrics/index.js";

/** Where a mask lies in its picture, in the words of the data set. */
export interface Position {
  readonly zone: Zone;
  /** Whether the sentence may say "near the center". */
  readonly near: boolean;
}

/** Inclusive bounds in pixels. */
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/**
 * The position label of the published annotations: the zone of the one box around **all** foreground.
 *
 * `center` when the box contains the pixel (⌊w/2⌋, ⌊h/2⌋); otherwise the quadrant of the box's centre, which is `near` when it lies
 * less than 0.2·w from there (the width alone, also for tall pictures). Two lesions in opposite corners are therefore `center`.
 *
 * @param mask [height, width], row by row; non-zero is foreground
 * @returns null for an empty mask, whose row the data set leaves out
 * @example maskPosition(rectangle(100, 100, { y: [10, 19], x: [10, 19] }), 100, 100) // { zone: "top left", near: false }
 * @see PRS-Med repository, data_processing/mask_position.py; spec §2.2
 */
export function maskPosition(mask: Mask, width: number, height: number): Position | null {
  const box = boxOf(mask, width, height);
  if (box === null) return null;
  const [cx, cy] = [Math.floor(width / 2), Math.floor(height / 2)];
  if (contains(box, cx, cy)) return { zone: "center", near: true };
  const [tx, ty] = [Math.floor((box.x0 + box.x1) / 2), Math.floor((box.y0 + box.y1) / 2)];
  return { zone: quadrant(tx, ty, cx, cy), near: Math.hypot(tx - cx, ty - cy) < 0.2 * width };
}

/**
 * The label of the lung sets: the first and the last 8-connected component, each by the quadrant of its **centroid**; `near` when its
 * box, one pixel larger at the right and bottom, contains the centre. One component is named twice.
 *
 * @returns two positions, none for an empty mask
 * @see PRS-Med repository, lung_generation.py; spec §2.2
 */
export function lungPositions(mask: Mask, width: number, height: number): Position[] {
  const parts = lesions(mask, width, height);
  if (parts.length === 0) return [];
  const [cx, cy] = [Math.floor(width / 2), Math.floor(height / 2)];
  return [parts[0], parts.at(-1)!].map(({ box, centroid: [x, y] }) => ({
    zone: quadrant(x, y, cx, cy),
    near: contains({ ...box, x1: box.x1 + 1, y1: box.y1 + 1 }, cx, cy),
  }));
}

/**
 * The label of the re-implementation's own builder: every component of at least 50 pixels by its centroid, `near` within a tenth of the
 * diagonal. It never says `center`. Not used for the published annotations. The original measures contours drawn through pixel
 * centres, so its areas are a little smaller than the pixel counts here.
 * @see spec §2.2, mmrs_builder.py
 */
export function lesionPositions(mask: Mask, width: number, height: number): Position[] {
  return lesions(mask, width, height).filter(({ size }) => size >= 50).map(({ centroid: [x, y] }) => ({
    zone: quadrant(x, y, width / 2, height / 2),
    near: Math.hypot(x - width / 2, y - height / 2) < 0.1 * Math.hypot(width, height),
  }));
}

/** The smallest box around all foreground; null when there is none. @throws ShapeMismatch */
export function boxOf(mask: Mask, width: number, height: number): Box | null {
  if (!(width >= 1 && height >= 1)) throw new InvalidValue("boxOf", "a mask needs a width and a height", [width, height]);
  if (mask.length !== width * height) throw new ShapeMismatch("mask", [height, width], [mask.length]);
  const box = { x0: width, y0: height, x1: -1, y1: -1 };
  for (let i = 0; i < mask.length; i++) if (mask[i]) grow(box, i % width, Math.floor(i / width));
  return box.x1 < 0 ? null : box;
}

interface Lesion {
  readonly box: Box;
  readonly centroid: readonly [x: number, y: number];
  readonly size: number;
}

function lesions(mask: Mask, width: number, height: number): Lesion[] {
  const { labels, count, sizes } = components(mask, { shape: [height, width], spacingMm: [1, 1] });
  const found = Array.from({ length: count }, () => ({ box: { x0: width, y0: height, x1: -1, y1: -1 }, x: 0, y: 0 }));
  labels.forEach((label, i) => {
    if (label === 0) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    const part = found[label - 1];
    grow(part.box, x, y);
    part.x += x;
    part.y += y;
  });
  return found.map(({ box, x, y }, i) => ({ box, centroid: [x / sizes[i + 1], y / sizes[i + 1]], size: sizes[i + 1] }));
}

function grow(box: { -readonly [Side in keyof Box]: number }, x: number, y: number): void {
  box.x0 = Math.min(box.x0, x);
  box.y0 = Math.min(box.y0, y);
  box.x1 = Math.max(box.x1, x);
  box.y1 = Math.max(box.y1, y);
}

const contains = ({ x0, y0, x1, y1 }: Box, x: number, y: number): boolean => x0 <= x && x <= x1 && y0 <= y && y <= y1;

const quadrant = (x: number, y: number, cx: number, cy: number): Zone => `${y < cy ? "top" : "bottom"} ${x < cx ? "left" : "right"}`;
