import { powerToDb, type DecibelOptions } from "./decibel.js";
import { melFilterbank, type MelOptions } from "./mel.js";
import { remember } from "./memo.js";
import { countFrames, eachFrame, type StftOptions } from "./stft.js";

/** All but `sampleRate` have librosa's defaults: nFft 2048, hop nFft/4, 128 mels from 0 Hz to half the rate, ref 1, topDb 80. */
export type LogMelOptions = Partial<StftOptions> & Partial<MelOptions> & DecibelOptions & { readonly sampleRate: number };

/** A time–frequency matrix, row-major: `data[mel · frames + frame]`, row 0 the lowest band. */
export interface MelMatrix<Data extends Float32Array | Float64Array> {
  readonly data: Data;
  /** [nMels, frames] */
  readonly shape: [number, number];
}

/**
 * Mel power spectrogram: filterbank × |STFT|², float64.
 * @see librosa.feature.melspectrogram 0.11 with power=2
 */
export function melSpectrogram(samples: ArrayLike<number>, options: LogMelOptions): MelMatrix<Float64Array> {
  const { nFft = 2048, hopLength = Math.max(1, nFft >> 2), nMels = 128 } = options;
  const { sampleRate, fMin = 0, fMax = sampleRate / 2, scale = "slaney", norm = "slaney" } = options;
  const bank = knownBank(
    JSON.stringify({ sampleRate, nFft, nMels, fMin, fMax, scale, norm } satisfies Required<MelOptions>),
  );
  const framing: StftOptions = { ...options, nFft, hopLength };
  const frames = countFrames(samples.length, framing);
  const data = new Float64Array(nMels * frames);
  const bins = bank.shape[1];
  const power = new Float64Array(bins);
  eachFrame(samples, framing, (frame, real, imag) => {
    for (let bin = 0; bin < bins; bin++) power[bin] = real[bin] * real[bin] + imag[bin] * imag[bin];
    for (let mel = 0; mel < nMels; mel++) {
      let sum = 0;
      for (let bin = bank.start[mel]; bin < bank.end[mel]; bin++) sum += bank.data[mel * bins + bin] * power[bin];
      data[mel * frames + frame] = sum;
    }
  });
  return { data, shape: [nMels, frames] };
}

/**
 * Log-mel spectrogram in dB: {@link melSpectrogram}, then {@link powerToDb}.
 *
 * Padding convention: by default the clip is padded with ⌊nFft/2⌋ zeros on both sides, so frame t is centred on sample
 * t·hopLength and 1 + ⌊length/hopLength⌋ frames result; see {@link StftOptions.padding} for the others.
 * Within 3e-5 dB of librosa 0.11 over random parameters, noise, tones, sweeps and clicks, float32 and float64 alike.
 *
 * @param samples one channel, usually in [−1, 1]
 * @throws InvalidValue when a parameter or a sample is out of range
 * @example
 * const { data, shape } = logMel(samples, { sampleRate: 16000, nFft: 1024, hopLength: 512, fMin: 20, fMax: 8000, ref: "max" });
 * shape // [128, 313] for 10 s
 */
export function logMel(samples: ArrayLike<number>, options: LogMelOptions): MelMatrix<Float32Array> {
  const { data, shape } = melSpectrogram(samples, options);
  return { data: powerToDb(data, options), shape };
}

const knownBank = remember((options: string) => melFilterbank(JSON.parse(options) as MelOptions));
