import { InvalidValue } from "../core/index.js";

export interface MelOptions {
  /** Hz. */
  readonly sampleRate: number;
  readonly nFft: number;
  /** How many triangular filters. */
  readonly nMels: number;
  /** Lowest edge, Hz; 0 unless given. */
  readonly fMin?: number;
  /** Highest edge, Hz; half the sample rate unless given. */
  readonly fMax?: number;
  /** `slaney` (default): linear below 1 kHz, logarithmic above (Auditory Toolbox). `htk`: 2595·log10(1 + f/700). */
  readonly scale?: MelScale;
  /** `slaney` (default): every triangle has area 1 over Hz. `none`: every triangle peaks at 1. */
  readonly norm?: "slaney" | "none";
}

export type MelScale = "slaney" | "htk";

/** Triangular filters over FFT bins, row 0 the lowest. */
export interface MelFilterbank {
  /** Row-major weights, rounded to float32 as librosa's. */
  readonly data: Float32Array;
  /** [nMels, ⌊nFft/2⌋ + 1] */
  readonly shape: [number, number];
  /** The nMels + 2 edge frequencies, Hz: filter i rises from edge i to edge i + 1 and falls to edge i + 2. */
  readonly edgesHz: Float64Array;
  /** Filter i is zero outside bins `start[i]` … `end[i] − 1`. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
}

/**
 * Mel filterbank. Filter i weighs a bin at f Hz by
 * max(0, min((f − e_i)/(e_{i+1} − e_i), (e_{i+2} − f)/(e_{i+2} − e_{i+1}))), with edges e equally
 * spaced in mel from fMin to fMax; `slaney` normalisation multiplies by 2/(e_{i+2} − e_i).
 * A filter narrower than the bin spacing may be all zeros, as in librosa: take fewer filters or a larger nFft.
 *
 * @throws InvalidValue unless 0 ≤ fMin < fMax ≤ sampleRate/2 and the counts are whole numbers from 1
 * @example melFilterbank({ sampleRate: 16000, nFft: 1024, nMels: 128, fMin: 20, fMax: 8000 }).shape // [128, 513]
 * @see librosa.filters.mel 0.11
 */
export function melFilterbank(options: MelOptions): MelFilterbank {
  const { sampleRate, nFft, nMels, fMin = 0, fMax = sampleRate / 2, scale = "slaney", norm = "slaney" } = options;
  check({ ...options, fMin, fMax });
  const bins = (nFft >> 1) + 1;
  const binHz = 1 / (nFft * (1 / sampleRate));
  const edgesHz = melEdges(nMels, fMin, fMax, scale);
  const data = new Float32Array(nMels * bins);
  const start = new Uint32Array(nMels).fill(bins);
  const end = new Uint32Array(nMels);
  for (let mel = 0; mel < nMels; mel++) {
    const [low, middle, high] = edgesHz.subarray(mel, mel + 3);
    const area = norm === "slaney" ? 2 / (high - low) : 1;
    for (let bin = 0; bin < bins; bin++) {
      const hz = bin * binHz;
      const triangle = Math.fround(Math.min((hz - low) / (middle - low), (high - hz) / (high - middle)));
      if (!(triangle > 0)) continue;
      data[mel * bins + bin] = triangle * area;
      start[mel] = Math.min(start[mel], bin);
      end[mel] = bin + 1;
    }
    if (end[mel] === 0) start[mel] = 0;
  }
  return { data, shape: [nMels, bins], edgesHz, start, end };
}

/** @example hzToMel(1000) // 15 */
export function hzToMel(hz: number, scale: MelScale = "slaney"): number {
  if (scale === "htk") return 2595 * Math.log10(1 + hz / 700);
  return hz < 1000 ? (3 * hz) / 200 : 15 + Math.log(hz / 1000) / LOG_STEP;
}

/** @example melToHz(15) // 1000 */
export function melToHz(mel: number, scale: MelScale = "slaney"): number {
  if (scale === "htk") return 700 * (10 ** (mel / 2595) - 1);
  return mel < 15 ? (200 / 3) * mel : 1000 * Math.exp(LOG_STEP * (mel - 15));
}

/** 27 mel from 1 kHz to 6.4 kHz. */
const LOG_STEP = Math.log(6.4) / 27;

function melEdges(nMels: number, fMin: number, fMax: number, scale: MelScale): Float64Array {
  const low = hzToMel(fMin, scale);
  const step = (hzToMel(fMax, scale) - low) / (nMels + 1);
  return Float64Array.from({ length: nMels + 2 }, (_, i) =>
    melToHz(i === nMels + 1 ? hzToMel(fMax, scale) : low + i * step, scale),
  );
}

function check({
  sampleRate,
  nFft,
  nMels,
  fMin,
  fMax,
}: Required<Pick<MelOptions, "sampleRate" | "nFft" | "nMels" | "fMin" | "fMax">>): void {
  for (const [name, value] of Object.entries({ nFft, nMels })) {
    if (!Number.isInteger(value) || value < 1)
      throw new InvalidValue("melFilterbank", `${name} must be a whole number from 1`, value);
  }
  if (!(sampleRate > 0 && sampleRate < Infinity))
    throw new InvalidValue("melFilterbank", "sampleRate must be above 0 Hz", sampleRate);
  if (!(fMin >= 0 && fMin < fMax))
    throw new InvalidValue("melFilterbank", `fMin must be from 0 to below fMax (${fMax} Hz)`, fMin);
  if (!(fMax <= sampleRate / 2))
    throw new InvalidValue("melFilterbank", `fMax must not exceed half the sample rate (${sampleRate / 2} Hz)`, fMax);
}
