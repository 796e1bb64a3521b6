import { InvalidValue, type Random } from "../../core/index.js";
import type { LineOrder } from "./acquire.js";
import { vdsMask, type ColumnRange } from "./column-masks.js";

/** Ways to choose lines that learn nothing. */
export const fixedSamplers = ["random", "centre", "equispaced", "vds"] as const;
export type FixedSampler = (typeof fixedSamplers)[number];

export interface SamplerOptions {
  /** Columns of k-space. */
  readonly width: number;
  readonly range: ColumnRange;
  readonly budget: number;
  /** For `random` and `vds`, which draw; the others need none. */
  readonly random?: Random;
}

/**
 * The lines that a fixed sampler takes. Only `centre` is an order whose beginnings are the smaller budgets' choices.
 * @throws InvalidValue where a sampler that draws has nothing to draw from
 * @example fixedOrder("centre", { width: 8, range: [0, 7], budget: 3 }) // [4, 3, 5]
 * @see ASMR-seg spec §5.3
 */
export function fixedOrder(sampler: FixedSampler, { width, range, budget, random }: SamplerOptions): LineOrder {
  const [first, last] = range;
  const columns = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  if (sampler === "centre") return fromCentre(columns, width).slice(0, budget);
  if (sampler === "equispaced") return equispaced(columns, width, budget);
  if (random === undefined) throw new InvalidValue("fixedOrder", `${sampler} draws its lines and needs random numbers`, random);
  if (sampler === "random") return random.shuffled(columns).slice(0, budget);
  const mask = vdsMask(width, range, budget / columns.length, random);
  return columns.filter((column) => mask[column] === 1);
}

/** By distance to the zero frequency, of equal ones the lower first. */
function fromCentre(columns: readonly number[], width: number): number[] {
  const distance = (column: number): number => Math.abs(column - (width >> 1));
  return [...columns].sort((a, b) => distance(a) - distance(b) || a - b);
}

/** A third of the lines in the middle, the others evenly over the rest. */
function equispaced(columns: readonly number[], width: number, budget: number): number[] {
  const middle = fromCentre(columns, width).slice(0, Math.round(budget / 3));
  const rest = columns.filter((column) => !middle.includes(column));
  const count = budget - middle.length;
  return [...middle, ...Array.from({ length: count }, (_, q) => rest[Math.floor((q * rest.length) / count)])];
}
