import { InvalidValue } from "../core/index.js";

/** Natural logarithm of Γ(x), x > 0 (Lanczos, g = 7, relative error about 1e-15). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const sum = lanczos.reduce((total, c, i) => (i === 0 ? c : total + c / (z + i)), 0);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

const lanczos = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/** Upper tail of the χ² distribution with `df` degrees of freedom: the p-value of a χ² statistic. */
export function chiSquareUpperTail(x: number, df: number): number {
  if (x <= 0) return 1;
  const a = df / 2;
  const half = x / 2;
  const front = Math.exp(a * Math.log(half) - half - logGamma(a));
  if (half < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; term > sum * 1e-16; k++) {
      term *= half / (a + k);
      sum += term;
    }
    return 1 - front * sum;
  }
  return (
    front *
    continuedFraction(
      (k) => (k === 0 ? 1 : k * (a - k)),
      (k) => half + 2 * k + 1 - a,
    )
  );
}

/** P(T ≤ t) for Student's t with `df` degrees of freedom. */
export function studentTCdf(t: number, df: number): number {
  const tail = incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

/**
 * Student's t quantile, by bisection on {@link studentTCdf}.
 * @example studentTQuantile(0.975, 4) // 2.776
 */
export function studentTQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1 && df > 0)) throw new InvalidValue("studentTQuantile", "0 < p < 1 and df > 0 are needed", { p, df });
  if (p < 0.5) return -studentTQuantile(1 - p, df);
  let low = 0;
  let high = 2;
  while (studentTCdf(high, df) < p) high *= 2;
  for (let k = 0; k < 200 && high - low > 1e-14 * high; k++) {
    const middle = (low + high) / 2;
    if (studentTCdf(middle, df) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Regularised incomplete beta function I_x(a, b). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log(1 - x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a;
  const numerator = (k: number): number => {
    if (k === 0) return 1;
    const m = Math.floor(k / 2);
    if (k % 2 === 0) return (m * (b - m) * x) / ((a + k - 1) * (a + k));
    return (-(a + m) * (a + b + m) * x) / ((a + k - 1) * (a + k));
  };
  return front * continuedFraction(numerator, () => 1);
}

// a₀ / (b₀ + a₁ / (b₁ + …)) by the modified Lentz algorithm.
function continuedFraction(a: (k: number) => number, b: (k: number) => number): number {
  const tiny = 1e-300;
  let value = tiny;
  let c = value;
  let d = 0;
  for (let k = 0; k < 500; k++) {
    d = b(k) + a(k) * d || tiny;
    c = b(k) + a(k) / c || tiny;
    d = 1 / d;
    value *= c * d;
    if (k > 0 && Math.abs(c * d - 1) < 1e-16) break;
  }
  return value;
}
