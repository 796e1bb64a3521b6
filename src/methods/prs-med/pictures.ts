import type { Random } from "../../core/index.js";
import type { PrsCase } from "../../datasets/index.js";

/** The rows that ask about one picture, by picture. */
function rowsByPicture(cases: readonly Pick<PrsCase, "group">[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  cases.forEach(({ group }, row) => rows.set(group, [...(rows.get(group) ?? []), row]));
  return rows;
}

/** Row of the n-th place in an endless pass over shuffled pictures, the rows of one picture next to each other. */
export function pairedOrder(cases: readonly Pick<PrsCase, "group">[], random: Random): (place: number) => number {
  const all = [...rowsByPicture(cases).values()];
  const passes: number[][] = [];
  return (place) => {
    const pass = Math.floor(place / cases.length);
    passes[pass] ??= random.stream(pass).shuffled(all).flat();
    return passes[pass][place % cases.length];
  };
}

/** The other rows that ask about each row's picture. */
export function otherRows(rows: readonly Pick<PrsCase, "group">[]): number[][] {
  const pictures = rowsByPicture(rows);
  return rows.map(({ group }, own) => pictures.get(group)!.filter((row) => row !== own));
}

/** All that these masks cover, [S, S] of `places`; zeros of none. */
export const union = (masks: readonly Float32Array[], places: number): Float32Array => Float32Array.from({ length: places }, (_, i) => masks.reduce((most, mask) => Math.max(most, mask[i]), 0));
