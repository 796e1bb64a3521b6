/** A number for people: whole numbers whole, others to six significant digits. */
export function formatNumber(value: number | bigint): string {
  if (typeof value === "bigint" || Number.isInteger(value)) return String(value);
  if (!Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(6)));
}

export interface Summary {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly sd: number;
  /** Values that are NaN or infinite; the other fields leave them out. */
  readonly nonFinite: number;
}

/** Population statistics of the finite values (Welford's update). */
export function summarize(values: ArrayLike<number | bigint>): Summary {
  let n = 0;
  let mean = 0;
  let m2 = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isFinite(value)) continue;
    n++;
    const delta = value - mean;
    mean += delta / n;
    m2 += delta * (value - mean);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max, mean, sd: n > 0 ? Math.sqrt(m2 / n) : NaN, nonFinite: values.length - n };
}

export function describeSummary({ min, max, mean, sd, nonFinite }: Summary): string {
  const numbers =
    min > max
      ? "no finite values"
      : `min ${formatNumber(min)}, max ${formatNumber(max)}, mean ${formatNumber(mean)}, sd ${formatNumber(sd)}`;
  return nonFinite > 0 ? `${numbers}; ${nonFinite} not finite` : numbers;
}
