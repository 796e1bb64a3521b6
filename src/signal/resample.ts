import { InvalidValue } from "../core/index.js";

/** Zero crossings of the sinc on each side: the transition band is about 1/20 of the lower rate's band. */
const CROSSINGS = 64;
/** Kaiser window parameter: about 140 dB below in the stop band. */
const BETA = 14.769656459379492;
/** Where the pass band ends, as a part of the lower of the two Nyquist frequencies. */
const ROLLOFF = 0.9475937167399596;

/**
 * Band-limited change of the sample rate by a Kaiser-windowed sinc (Smith, Digital Audio Resampling; the constants are
 * resampy's `kaiser_best`). Frequencies above 95 % of the lower Nyquist frequency are cut, what lies outside the clip counts
 * as zero, and sample n of the output is at n/toRate seconds. Not bit-identical to any other resampler.
 *
 * @param samples any range
 * @returns ⌈length · toRate/fromRate⌉ samples; the same ones when the rates agree
 * @throws InvalidValue unless both rates are whole numbers of Hz from 1
 * @example resample(samples, 44100, 16000).length // 160000 for 10 s
 */
export function resample(samples: Float32Array, fromRate: number, toRate: number): Float32Array {
  for (const rate of [fromRate, toRate]) {
    if (!Number.isInteger(rate) || rate < 1)
      throw new InvalidValue("resample", "a rate must be a whole number of Hz from 1", rate);
  }
  if (fromRate === toRate) return samples.slice();
  const divisor = greatestCommonDivisor(fromRate, toRate);
  const [up, down] = [toRate / divisor, fromRate / divisor];
  const out = new Float32Array(Math.ceil((samples.length * up) / down));
  const filter = phaseFilters(up, Math.min(1, up / down));
  for (let n = 0; n < out.length; n++) {
    const position = n * down;
    const { reach, weights } = filter(position % up);
    const first = Math.floor(position / up) - reach + 1;
    let sum = 0;
    for (let j = Math.max(0, -first); j < weights.length && first + j < samples.length; j++)
      sum += weights[j] * samples[first + j];
    out[n] = sum;
  }
  return out;
}

interface PhaseFilter {
  /** The first weight belongs to the sample `reach − 1` before the one at or before the output's time. */
  readonly reach: number;
  readonly weights: Float64Array;
}

/** Output times fall on `up` different places between two input samples; each has its own weights, made when first needed. */
function phaseFilters(up: number, band: number): (phase: number) => PhaseFilter {
  const made = new Map<number, PhaseFilter>();
  const reach = Math.ceil(CROSSINGS / band) + 1;
  return (phase) => {
    const known = made.get(phase);
    if (known !== undefined) return known;
    const raw = Float64Array.from({ length: 2 * reach }, (_, j) => kernel((j - reach + 1 - phase / up) * band));
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    const filter = { reach, weights: raw.map((weight) => weight / total) }; // a constant stays that constant
    made.set(phase, filter);
    return filter;
  };
}

/** Windowed sinc at `x` samples of the lower rate. */
function kernel(x: number): number {
  const inside = 1 - (x / CROSSINGS) ** 2;
  if (inside <= 0) return 0;
  const angle = Math.PI * ROLLOFF * x;
  const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
  return (sinc * besselI0(BETA * Math.sqrt(inside))) / besselI0(BETA);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
