import { InvalidValue } from "../core/index.js";
import { viewOf } from "./bytes.js";

/** How one sample is stored. Integers of 9 to 32 bits are signed, of 8 bits unsigned, as RIFF has it. */
export type WavFormat = "pcm8" | "pcm16" | "pcm24" | "pcm32" | "float32" | "float64";

interface SampleCode {
  readonly bytes: number;
  /** What full scale, 1.0, is stored as; 1 for floating point. */
  readonly scale: number;
  get(view: DataView, at: number): number;
  set(view: DataView, at: number, value: number): void;
}

const integer = (bytes: number, get: SampleCode["get"], set: SampleCode["set"]): SampleCode => {
  const scale = 2 ** (8 * bytes - 1);
  const stored = (value: number): number => Math.min(scale - 1, Math.max(-scale, Math.round(value * scale)));
  return { bytes, scale, get: (view, at) => get(view, at) / scale, set: (view, at, value) => set(view, at, stored(value)) };
};

export const sampleCodes: Readonly<Record<WavFormat, SampleCode>> = {
  pcm8: integer(
    1,
    (view, at) => view.getUint8(at) - 128,
    (view, at, value) => view.setUint8(at, value + 128),
  ),
  pcm16: integer(
    2,
    (view, at) => view.getInt16(at, true),
    (view, at, value) => view.setInt16(at, value, true),
  ),
  pcm24: integer(
    3,
    (view, at) => (view.getInt8(at + 2) << 16) | view.getUint16(at, true),
    (view, at, value) => {
      view.setUint16(at, value & 0xffff, true);
      view.setInt8(at + 2, value >> 16);
    },
  ),
  pcm32: integer(
    4,
    (view, at) => view.getInt32(at, true),
    (view, at, value) => view.setInt32(at, value, true),
  ),
  float32: {
    bytes: 4,
    scale: 1,
    get: (view, at) => view.getFloat32(at, true),
    set: (view, at, value) => view.setFloat32(at, value, true),
  },
  float64: {
    bytes: 8,
    scale: 1,
    get: (view, at) => view.getFloat64(at, true),
    set: (view, at, value) => view.setFloat64(at, value, true),
  },
};

/** Interleaved bytes → one array a channel. Whole frames only. */
export function deinterleave(data: Uint8Array, format: WavFormat, channelCount: number): Float32Array[] {
  const { bytes, get } = sampleCodes[format];
  const frames = Math.floor(data.length / (bytes * channelCount));
  const view = viewOf(data);
  return Array.from({ length: channelCount }, (_, channel) => {
    const samples = new Float32Array(frames);
    for (let frame = 0, at = channel * bytes; frame < frames; frame++, at += bytes * channelCount)
      samples[frame] = get(view, at);
    return samples;
  });
}

/** One array a channel → interleaved bytes; integers are rounded to the nearest step and clipped at full scale. */
export function interleave(channels: readonly ArrayLike<number>[], format: WavFormat): Uint8Array {
  const { bytes, set, scale } = sampleCodes[format];
  const frames = channels[0].length;
  const data = new Uint8Array(frames * channels.length * bytes);
  const view = viewOf(data);
  channels.forEach((samples, channel) => {
    for (let frame = 0, at = channel * bytes; frame < frames; frame++, at += bytes * channels.length) {
      if (scale > 1 && Number.isNaN(samples[frame])) {
        throw new InvalidValue(
          "writeWav",
          `${format} cannot hold NaN, sample ${frame} of channel ${channel}`,
          samples[frame],
          "Use float32 or mend the signal.",
        );
      }
      set(view, at, samples[frame]);
    }
  });
  return data;
}
