import { InvalidValue } from "../core/index.js";
import { chiSquareUpperTail } from "./special.js";

/** Gamma distribution on x > 0 with density ∝ x^(shape − 1)·e^(−x/scale). */
export interface GammaDistribution {
  readonly shape: number;
  readonly scale: number;
}

/**
 * Maximum-likelihood gamma distribution, location fixed at 0: the shape k solves ln k − ψ(k) = ln(mean x) − mean(ln x).
 * @throws InvalidValue unless there are at least two values, all above 0 and not all equal
 * @example fitGamma([1, 2, 3, 4]) // { shape: 4.265, scale: 0.586 }
 * @see scipy.stats.gamma.fit(x, floc=0)
 */
export function fitGamma(values: readonly number[]): GammaDistribution {
  const bad = values.find((value) => !(value > 0) || !Number.isFinite(value));
  if (bad !== undefined) throw new InvalidValue("fitGamma", "every value must be above 0", bad);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const gap = Math.log(mean) - values.reduce((sum, value) => sum + Math.log(value), 0) / values.length;
  if (!(gap > 1e-12)) throw new InvalidValue("fitGamma", "the values must differ", values.slice(0, 5));
  const shape = solveDecreasing((k) => Math.log(k) - digamma(k), gap);
  return { shape, scale: mean / shape };
}

/** The value below which a share p of the distribution lies. */
export function gammaQuantile(p: number, { shape, scale }: GammaDistribution): number {
  if (!(p > 0 && p < 1)) throw new InvalidValue("gammaQuantile", "p must lie between 0 and 1", p);
  return scale * solveDecreasing((x) => chiSquareUpperTail(2 * x, 2 * shape), 1 - p);
}

/** The x > 0 at which a falling function takes a value: bracketed by doubling, then halved to the last bit but a few. */
function solveDecreasing(f: (x: number) => number, target: number): number {
  let [low, high] = [1, 1];
  while (f(low) < target) low /= 2;
  while (f(high) > target) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (f(middle) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** ψ(x), by recurrence up to 6 and the asymptotic series from there. */
function digamma(x: number): number {
  let shift = 0;
  while (x < 6) shift -= 1 / x++;
  const inverse = 1 / (x * x);
  return (
    shift +
    Math.log(x) -
    0.5 / x -
    inverse * (1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse * (1 / 240 - inverse / 132))))
  );
}
