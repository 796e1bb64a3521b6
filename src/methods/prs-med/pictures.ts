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

/** What else each row's picture is asked about, [S, S] a row; zeros where it is asked about once. */
export function otherMasks(cases: readonly Pick<PrsCase, "group" | "softMask">[]): Float32Array[] {
  const pictures = rowsByPicture(cases);
  return cases.map(({ group, softMask }, own) => {
    const rest = pictures.get(group)!.filter((row) => row !== own);
    return softMask.map((_, i) => rest.reduce((most, row) => Math.max(most, cases[row].softMask[i]), 0));
  });
}
