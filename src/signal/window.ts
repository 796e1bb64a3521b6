import { InvalidValue } from "../core/index.js";

/**
 * Periodic Hann window, w[n] = ½ − ½·cos(2πn/N): the first sample is 0, the last is not, so that shifted copies
 * add up to a constant (scipy.signal.get_window("hann", N, fftbins=True)).
 * @example hannWindow(4) // [0, 0.5, 1, 0.5]
 */
export function hannWindow(length: number): Float64Array {
  if (!Number.isInteger(length) || length < 1)
    throw new InvalidValue("hannWindow", "the length must be a whole number from 1", length);
  return Float64Array.from({ length }, (_, n) => (length === 1 ? 1 : 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / length)));
}
