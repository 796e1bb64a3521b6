import { InvalidValue, ShapeMismatch } from "../../core/index.js";
import type { Mask } from "../segmentation/mask.js";

/** Overlap of two masks, in [0, 1]. */
export type OverlapKind = "iou" | "dice";

/**
 * The overlap of every mask of one set with every mask of another. Two empty masks overlap fully (1): in a set, leaving
 * pairs out would change what the others weigh.
 * @returns `table[i][j]` for first[i] and second[j]
 * @throws ShapeMismatch, InvalidValue for an empty set
 */
export function overlapTable(first: readonly Mask[], second: readonly Mask[], kind: OverlapKind): number[][] {
  const bits = [first, second].map((set) => set.map((mask) => Uint8Array.from(mask, (value) => (value ? 1 : 0))));
  const length = requireMasks(first, second);
  const sizes = bits.map((set) => set.map((mask) => mask.reduce((sum, value) => sum + value, 0)));
  return bits[0].map((a, i) =>
    bits[1].map((b, j) => {
      let shared = 0;
      for (let k = 0; k < length; k++) shared += a[k] & b[k];
      const total = sizes[0][i] + sizes[1][j];
      if (total === 0) return 1;
      return kind === "dice" ? (2 * shared) / total : shared / (total - shared);
    }),
  );
}

/** Checks that no set is empty and all masks have one length, which it returns. */
export function requireMasks(...sets: readonly (readonly Mask[])[]): number {
  if (sets.some((set) => set.length === 0))
    throw new InvalidValue(
      "multi-rater metric",
      "at least one mask a set is needed",
      sets.map((set) => set.length),
    );
  const { length } = sets[0][0];
  for (const mask of sets.flat())
    if (mask.length !== length) throw new ShapeMismatch("mask", [length], [mask.length], "All masks of a case need one shape.");
  return length;
}

export const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
