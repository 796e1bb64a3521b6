import { applyColorMap, colorMap, type ColorMapName } from "./color-map.js";
import { logMel, type LogMelOptions } from "./log-mel.js";
import { resizeBilinear } from "./resize.js";

export interface LogMelImageOptions extends Partial<LogMelOptions> {
  readonly colorMap?: ColorMapName;
  /** Pixels; 224 unless given. */
  readonly width?: number;
  readonly height?: number;
}

/** Eight-bit RGB pixels, row-major; what `writePng` takes. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
  readonly depth: 8;
  readonly data: Uint8Array;
}

/** ASTRA's spectrogram: 16 kHz, 64 ms frames, 32 ms hop, 128 bands from 20 Hz to 8 kHz, 80 dB below the clip's own maximum. */
export const astraLogMel = {
  sampleRate: 16000,
  nFft: 1024,
  hopLength: 512,
  nMels: 128,
  fMin: 20,
  fMax: 8000,
  ref: "max",
  topDb: 80,
} as const satisfies LogMelOptions;

/**
 * A clip as ASTRA's colour picture (spec §2.5, steps 2–8): log-mel in dB, stretched to bytes, coloured, resized.
 * Low frequencies are at the top. Every clip is stretched to its own range, so absolute loudness is lost.
 * Bit-identical to librosa + matplotlib + Pillow on the spec's test clips.
 *
 * @param samples one channel at `sampleRate` (16 kHz unless given)
 * @throws InvalidValue when a parameter or a sample is out of range
 * @example logMelImage(samples, { colorMap: "viridis" }) // { width: 224, height: 224, channels: 3, depth: 8, data }
 */
export function logMelImage(samples: ArrayLike<number>, options: LogMelImageOptions = {}): RgbImage {
  const { colorMap: name = "plasma", width = 224, height = 224, ...spectrogram } = options;
  const { data: db, shape } = logMel(samples, { ...astraLogMel, ...spectrogram });
  const [bands, frames] = shape;
  const picture = { width: frames, height: bands, channels: 3, data: applyColorMap(stretchToBytes(db), colorMap(name)) };
  const { data } = resizeBilinear(picture, width, height);
  return { width, height, channels: 3, depth: 8, data };
}

/**
 * Values stretched so that the least becomes 0 and the greatest 255, truncated: ⌊255·(x − min)/(max − min + 1e-6)⌋.
 * In float32 throughout, because the reference computes so: for ranges above 32 the 1e-6 vanishes and the maximum
 * is 255, not 254.
 * Equal values give zeros.
 */
export function stretchToBytes(values: Float32Array): Uint8Array {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < min) min = values[i];
    if (values[i] > max) max = values[i];
  }
  const range = Math.fround(Math.fround(max - min) + Math.fround(1e-6));
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = Math.fround(Math.fround(255 * Math.fround(values[i] - min)) / range);
  return bytes;
}
