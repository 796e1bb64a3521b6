import type { Random } from "../../../core/index.js";
import { irfft, rfft } from "../../../signal/index.js";

/** Where a sound lives: samples, Hz, and the draws of this one clip. */
export interface Scene {
  readonly length: number;
  readonly sampleRate: number;
  readonly random: Random;
}

/**
 * Noise whose power falls as 1/f^slope (0 white, 1 pink) within `lowHz` … `highHz` and is zero outside; root mean square 1.
 */
export function noise(
  { length, sampleRate, random }: Scene,
  { slope = 0, lowHz = 20, highHz = sampleRate / 2 } = {},
): Float64Array {
  const size = 2 ** Math.ceil(Math.log2(length));
  const white = new Float64Array(size);
  for (let i = 0; i < size; i++) white[i] = random.uniform(-1, 1);
  const spectrum = rfft(white);
  for (let bin = 0; bin < spectrum.real.length; bin++) {
    const hz = (bin * sampleRate) / size;
    const gain = hz >= lowHz && hz <= highHz ? (hz / 1000) ** (-slope / 2) : 0;
    spectrum.real[bin] *= gain;
    spectrum.imag[bin] *= gain;
  }
  const samples = irfft(spectrum, size).subarray(0, length);
  const rms = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / length);
  return samples.map((x) => x / rms);
}

/** Adds `level · wave(seconds)` to every sample. */
export function add(target: Float64Array, sampleRate: number, level: number, wave: (seconds: number) => number): void {
  for (let i = 0; i < target.length; i++) target[i] += level * wave(i / sampleRate);
}

/** Adds a struck resonance: `level · sin(2π·hz·t) · e^(−t/decay)` from `start` on, until it has died away. */
export function addRing(
  target: Float64Array,
  sampleRate: number,
  ring: { start: number; hz: number; decay: number; level: number },
): void {
  const first = Math.max(0, Math.ceil(ring.start * sampleRate));
  const end = Math.min(target.length, Math.ceil((ring.start + 8 * ring.decay) * sampleRate));
  for (let i = first; i < end; i++) {
    const t = i / sampleRate - ring.start;
    target[i] += ring.level * Math.sin(2 * Math.PI * ring.hz * t) * Math.exp(-t / ring.decay);
  }
}
