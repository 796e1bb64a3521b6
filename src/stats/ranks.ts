import type { Numbers } from "./summary.js";

/** The indices that put the values in ascending order; equal values keep their order. */
export function argsort(values: Numbers): Uint32Array {
  const order = new Uint32Array(values.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  return order.sort((a, b) => values[a] - values[b] || a - b);
}

/**
 * Ranks from 1; tied values share the mean of their ranks.
 * @example midranks([10, 20, 20, 5]) // [2, 3.5, 3.5, 1]
 */
export function midranks(values: Numbers): Float64Array {
  const order = argsort(values);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let k = start; k < end; k++) ranks[order[k]] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}
