import { silent, stopIfAborted, type Progress } from "../../core/index.js";
import type { LineOrder } from "./acquire.js";
import type { ColumnRange } from "./column-masks.js";
import { withColumn, type QualityOf } from "./environment.js";
import type { KspaceSlice } from "./slices.js";

export interface GreedyOptions {
  readonly quality: QualityOf;
  readonly range: ColumnRange;
  readonly width: number;
  readonly budget: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * One mask for all: at each step the column that raises the mean quality over these slices most, of equal ones the lowest. The order's beginnings are the greedy masks of smaller budgets.
 * @see ASMR-seg spec §5.3, baseline 6
 */
export async function greedyFixed(slices: readonly KspaceSlice[], options: GreedyOptions): Promise<LineOrder> {
  const { quality, width, budget, progress = silent } = options;
  const task = progress.begin("greedy fixed mask", budget);
  const order: number[] = [];
  let mask = new Float32Array(width);
  for (let line = 0; line < budget; line++) {
    let best = { column: -1, value: -Infinity };
    for (const column of candidates(mask, options.range)) {
      stopIfAborted(options.signal);
      const values = await quality(slices, slices.map(() => withColumn(mask, column)));
      const value = values.reduce((sum, x) => sum + x, 0) / values.length;
      if (value > best.value) best = { column, value };
    }
    order.push(best.column);
    mask = withColumn(mask, best.column) as Float32Array<ArrayBuffer>;
    task.update(line + 1);
  }
  task.end(`columns ${order.join(", ")}`);
  return order;
}

/**
 * For each slice the column that raises *its own* quality most, looking at its truth: not achievable, an upper reference for one-step-ahead choice.
 * @see ASMR-seg spec §5.3, baseline 7
 */
export async function greedyOracle(slices: readonly KspaceSlice[], options: GreedyOptions): Promise<LineOrder[]> {
  const { quality, width, range: [first, last], budget, progress = silent } = options;
  const task = progress.begin("greedy oracle", budget);
  const orders: number[][] = slices.map(() => []);
  let masks: Float32Array[] = slices.map(() => new Float32Array(width));
  for (let line = 0; line < budget; line++) {
    const best = slices.map(() => ({ column: -1, value: -Infinity }));
    for (let column = first; column <= last; column++) {
      stopIfAborted(options.signal);
      const values = await quality(slices, masks.map((mask) => withColumn(mask, column)));
      for (const [i, value] of values.entries()) if (masks[i][column] === 0 && value > best[i].value) best[i] = { column, value };
    }
    for (const [i, { column }] of best.entries()) orders[i].push(column);
    masks = masks.map((mask, i) => withColumn(mask, best[i].column));
    task.update(line + 1);
  }
  task.end(`${slices.length} slices`);
  return orders;
}

const candidates = (mask: Float32Array, [first, last]: ColumnRange): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((column) => mask[column] === 0);

/** At most `most` at a time, so that the last batch is nearly full. @example batchSize(48, 32) // 24 */
export const batchSize = (count: number, most: number): number => Math.ceil(count / Math.ceil(count / most));

/** A quality function that takes any number of slices and asks for a fixed number at a time. */
export function inChunks(quality: QualityOf, size: number): QualityOf {
  return async (slices, masks) => {
    const out = new Float32Array(slices.length);
    for (let at = 0; at < slices.length; at += size) {
      const own = Array.from({ length: size }, (_, i) => Math.min(slices.length - 1, at + i)); // one batch shape
      const values = await quality(own.map((i) => slices[i]), own.map((i) => masks[i]));
      out.set(values.subarray(0, Math.min(size, slices.length - at)), at);
    }
    return out;
  };
}
