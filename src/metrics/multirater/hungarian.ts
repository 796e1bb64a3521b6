import { InvalidValue } from "../../core/index.js";

/**
 * The assignment of rows to columns with the largest total weight: each row and each column at most once, as many pairs
 * as the shorter side has. O(n³), by shortest augmenting paths.
 * @returns for each row its column, or −1
 * @example assign([[0.9, 0.8], [0.8, 0.1]]) // [1, 0]: 1.6, where taking the largest first gives 1.0
 * @see Kuhn 1955; Jonker & Volgenant 1987
 */
export function assign(weights: readonly (readonly number[])[]): number[] {
  const rows = weights.length;
  const columns = weights[0]?.length ?? 0;
  if (weights.some((row) => row.length !== columns || !row.every(Number.isFinite))) {
    throw new InvalidValue("assign", "a rectangular table of finite numbers is needed", weights);
  }
  if (rows > columns) {
    const back = assign(Array.from({ length: columns }, (_, j) => weights.map((row) => row[j])));
    return weights.map((_, i) => back.indexOf(i));
  }
  // 1-based, as the algorithm is usually written: column 0 stands for "not yet assigned".
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    const reach = new Float64Array(columns + 1).fill(Infinity);
    const from = new Int32Array(columns + 1);
    const used = new Uint8Array(columns + 1);
    let column = 0;
    rowOf[0] = row;
    while (rowOf[column] !== 0) {
      used[column] = 1;
      let nearest = 0;
      let step = Infinity;
      for (let j = 1; j <= columns; j++) {
        if (used[j]) continue;
        const cost = -weights[rowOf[column] - 1][j - 1] - rowPotential[rowOf[column]] - columnPotential[j];
        if (cost < reach[j]) {
          reach[j] = cost;
          from[j] = column;
        }
        if (reach[j] < step) {
          step = reach[j];
          nearest = j;
        }
      }
      for (let j = 0; j <= columns; j++) {
        if (used[j]) {
          rowPotential[rowOf[j]] += step;
          columnPotential[j] -= step;
        } else {
          reach[j] -= step;
        }
      }
      column = nearest;
    }
    while (column !== 0) {
      rowOf[column] = rowOf[from[column]];
      column = from[column];
    }
  }
  const result = Array.from<number>({ length: rows }).fill(-1);
  for (let j = 1; j <= columns; j++) if (rowOf[j] > 0) result[rowOf[j] - 1] = j - 1;
  return result;
}
