import { InvalidValue } from "../core/index.js";
import { realFftPlan } from "./real-fft.js";
import { hannWindow } from "./window.js";

export interface StftOptions {
  /** Samples a frame; any size, fastest for powers of two. */
  readonly nFft: number;
  /** Samples between the starts of two frames. */
  readonly hopLength: number;
  /** Samples of the periodic Hann window, centred in the frame; `nFft` unless given. */
  readonly winLength?: number;
  /**
   * What stands before the first and after the last sample.
   * * `zeros` (default): ⌊nFft/2⌋ zeros on both sides, frame t is centred on sample t·hopLength. librosa since 0.9.
   * * `reflect`: the signal mirrored about its end samples instead. librosa up to 0.8, torchaudio.
   * * `none`: nothing; frame t starts at sample t·hopLength, an incomplete last frame is dropped.
   */
  readonly padding?: "zeros" | "reflect" | "none";
}

/** A complex time–frequency matrix, row-major: `real[bin · frames + frame]`, bin 0 is 0 Hz. */
export interface Stft {
  readonly real: Float64Array;
  readonly imag: Float64Array;
  /** [⌊nFft/2⌋ + 1, frames] */
  readonly shape: [number, number];
}

/**
 * Short-time Fourier transform with a periodic Hann window, unscaled, in float64.
 *
 * With centred padding there are 1 + ⌊(length + 2⌊nFft/2⌋ − nFft)/hopLength⌋ frames, which is 1 + ⌊length/hopLength⌋
 * for an even nFft.
 *
 * @param samples any range; at least one
 * @throws InvalidValue for empty or non-finite samples, for sizes below 1, or when `padding: "none"` leaves no whole frame
 * @example stft(new Float32Array(16000), { nFft: 1024, hopLength: 512 }).shape // [513, 32]
 * @see librosa.stft 0.11
 */
export function stft(samples: ArrayLike<number>, options: StftOptions): Stft {
  const shape: [number, number] = [(options.nFft >> 1) + 1, countFrames(samples.length, options)];
  const [bins, frames] = shape;
  const real = new Float64Array(bins * frames);
  const imag = new Float64Array(bins * frames);
  eachFrame(samples, options, (frame, re, im) => {
    for (let bin = 0; bin < bins; bin++) {
      real[bin * frames + frame] = re[bin];
      imag[bin * frames + frame] = im[bin];
    }
  });
  return { real, imag, shape };
}

/** The spectra of {@link stft} one frame at a time; `real` and `imag` are overwritten by the next frame. */
export function eachFrame(
  samples: ArrayLike<number>,
  options: StftOptions,
  visit: (frame: number, real: Float64Array, imag: Float64Array) => void,
): void {
  const { nFft, hopLength } = options;
  const frames = countFrames(samples.length, options);
  const padded = pad(samples, options);
  const window = frameWindow(options);
  const transform = realFftPlan(nFft);
  const frame = new Float64Array(nFft);
  const real = new Float64Array((nFft >> 1) + 1);
  const imag = new Float64Array((nFft >> 1) + 1);
  for (let t = 0; t < frames; t++) {
    for (let n = 0, at = t * hopLength; n < nFft; n++, at++) frame[n] = padded[at] * window[n];
    transform(frame, real, imag);
    visit(t, real, imag);
  }
}

/** How many frames {@link stft} makes of `length` samples. */
export function countFrames(length: number, { nFft, hopLength, padding = "zeros" }: StftOptions): number {
  for (const [name, value] of Object.entries({ nFft, hopLength })) {
    if (!Number.isInteger(value) || value < 1)
      throw new InvalidValue("stft", `${name} must be a whole number from 1`, value);
  }
  if (length === 0) throw new InvalidValue("stft", "there must be at least one sample", length);
  const whole = length + (padding === "none" ? 0 : 2 * (nFft >> 1));
  if (whole < nFft) {
    throw new InvalidValue(
      "stft",
      `the samples must fill one frame of ${nFft}`,
      length,
      "Take a smaller nFft or centred padding.",
    );
  }
  return 1 + Math.floor((whole - nFft) / hopLength);
}

function pad(samples: ArrayLike<number>, { nFft, padding = "zeros" }: StftOptions): Float64Array {
  const { length } = samples;
  const margin = padding === "none" ? 0 : nFft >> 1;
  const padded = new Float64Array(length + 2 * margin);
  for (let i = 0; i < length; i++) {
    const sample = samples[i];
    if (!Number.isFinite(sample))
      throw new InvalidValue("stft", "every sample must be a finite number", sample, `It is sample ${i}.`);
    padded[margin + i] = sample;
  }
  if (padding !== "reflect") return padded;
  for (let i = 0; i < margin; i++) {
    padded[margin - 1 - i] = samples[mirrored(-1 - i, length)];
    padded[margin + length + i] = samples[mirrored(length + i, length)];
  }
  return padded;
}

/** Index `at` folded back into 0 … length − 1 about the end samples, as often as it takes (numpy.pad "reflect"). */
function mirrored(at: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const folded = ((at % period) + period) % period;
  return folded < length ? folded : period - folded;
}

function frameWindow({ nFft, winLength = nFft }: StftOptions): Float64Array {
  if (winLength > nFft) throw new InvalidValue("stft", `winLength must not exceed nFft (${nFft})`, winLength);
  const window = new Float64Array(nFft);
  window.set(hannWindow(winLength), (nFft - winLength) >> 1);
  return window;
}
