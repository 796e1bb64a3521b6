import { components, distanceTransform } from "../../metrics/index.js";

export interface Suggestion {
  /** Position in the map, row by row. */
  readonly at: number;
  /** What the rater has there. */
  readonly label: 0 | 1;
}

/**
 * Where a rater would best click next: the innermost pixel of the largest connected region in which the mask differs from
 * theirs. (The published demo takes the first such pixel in reading order, which is on a rim.)
 * @param mask and `wanted` of 0 and 1, `width` pixels a row
 * @returns undefined where nothing differs
 */
export function suggestClick(mask: Uint8Array, wanted: Uint8Array, width: number): Suggestion | undefined {
  const grid = { shape: [mask.length / width, width], spacingMm: [1, 1] };
  const wrong = mask.map((inside, i) => (inside === wanted[i] ? 0 : 1));
  const { labels, count, sizes } = components(wrong, grid, { connectivity: "faces" });
  if (count === 0) return undefined;
  const largest = sizes.indexOf(sizes.reduce((most, size) => Math.max(most, size), 0));
  // The picture's border counts as outside, so that a region at the border is not clicked on its very edge.
  const [rows, columns] = [mask.length / width + 2, width + 2];
  const outside = new Uint8Array(rows * columns).fill(1);
  for (const [i, label] of labels.entries()) if (label === largest) outside[(Math.floor(i / width) + 1) * columns + (i % width) + 1] = 0;
  const depth = distanceTransform(outside, { shape: [rows, columns], spacingMm: [1, 1] });
  const deepest = depth.indexOf(depth.reduce((most, distance) => Math.max(most, distance), 0));
  const at = (Math.floor(deepest / columns) - 1) * width + (deepest % columns) - 1;
  return { at, label: wanted[at] === 1 ? 1 : 0 };
}

/** Where nobody's outline is known: the pixel about which the model is least sure. */
export function leastSure(probability: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < probability.length; i++) if (Math.abs(probability[i] - 0.5) < Math.abs(probability[best] - 0.5)) best = i;
  return best;
}
