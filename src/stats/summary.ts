import { InvalidValue } from "../core/index.js";

export type Numbers = ArrayLike<number>;

/** Arithmetic mean; NaN of nothing. */
export function mean(values: Numbers): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/**
 * Standard deviation with n − 1 in the denominator, as papers print it after ±; 0 for a single value.
 * @example standardDeviation([1, 2, 3, 4]) // 1.291
 */
export function standardDeviation(values: Numbers): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - centre) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/** How a quantile between two sorted values is read: NumPy's names. */
export type QuantileMethod = "linear" | "nearest";

/**
 * The q-quantile of unsorted numbers.
 *
 * `linear` (default) interpolates at position (n − 1)·q, as NumPy, SciPy and R's type 7 do. `nearest` takes the
 * value at that position rounded half to even, as `numpy.quantile(method="nearest")` does: always one of the inputs.
 *
 * @throws InvalidValue when there is no value or q is outside [0, 1]
 * @example quantile([1, 2, 3, 4], 0.5)                        // 2.5
 * @example quantile([10, 20, 30], 0.75, { method: "nearest" }) // 30: position 1.5 goes to the even 2
 */
export function quantile(values: Numbers, q: number, { method = "linear" }: { method?: QuantileMethod } = {}): number {
  return quantileOfSorted(Float64Array.from(values).sort(), q, method);
}

/** {@link quantile} of numbers already in ascending order. */
export function quantileOfSorted(sorted: Numbers, q: number, method: QuantileMethod = "linear"): number {
  if (sorted.length === 0) throw new InvalidValue("quantile", "at least one value is needed", []);
  if (!(q >= 0 && q <= 1)) throw new InvalidValue("quantile", "q must lie in [0, 1]", q);
  const position = (sorted.length - 1) * q;
  if (method === "nearest") return sorted[roundHalfEven(position)];
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  const fraction = position - below;
  // NumPy's lerp: from the nearer end, so that equal neighbours and the ends come out exactly.
  const step = sorted[above] - sorted[below];
  return fraction < 0.5 ? sorted[below] + step * fraction : sorted[above] - step * (1 - fraction);
}

function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const fraction = x - below;
  if (fraction === 0.5) return below + (below % 2);
  return fraction < 0.5 ? below : below + 1;
}
