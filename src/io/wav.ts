import { InvalidValue, ShapeMismatch, writeFileAtomic } from "../core/index.js";
import { readBytes, viewOf, type ReadLimits } from "./bytes.js";
import { wavLayout } from "./wav-layout.js";
import { deinterleave, interleave, sampleCodes, type WavFormat } from "./wav-samples.js";

export interface Wav {
  /** Frames a second, Hz. */
  readonly sampleRate: number;
  /** One array a channel, all of the same length; full scale is ±1. */
  readonly channels: Float32Array[];
  /** How the file stores a sample. */
  readonly format: WavFormat;
}

/**
 * Reads a WAV file: 8/16/24/32-bit PCM and 32/64-bit float, plain or `WAVE_FORMAT_EXTENSIBLE`, any number of channels,
 * RIFF or RF64, unknown chunks skipped. Integers are divided by full scale (16-bit: sample / 32768), as librosa does.
 * A recorder's unfinished header (data size 0xFFFFFFFF, or 0 in a file of unknown size) means "up to the end of the file".
 *
 * @throws BadFile `not-found`, `bad-header`, `truncated-file`, `unsupported`, `too-large`
 * @example const { sampleRate, channels } = await readWav("fan.wav"); // 16000, [Float32Array(160000)]
 * @see Multimedia Programming Interface and Data Specifications 1.0, IBM & Microsoft, 1991; EBU Tech 3306 (RF64)
 */
export async function readWav(path: string, limits?: ReadLimits): Promise<Wav> {
  return parseWav(await readBytes(path, limits), path);
}

/** {@link readWav} on bytes; `name` is what errors call the file. */
export function parseWav(bytes: Uint8Array, name = "WAV data"): Wav {
  const { sampleRate, channelCount, format, data } = wavLayout(bytes, name);
  return { sampleRate, channels: deinterleave(data, format, channelCount), format };
}

/**
 * Writes a WAV file, atomically. Integer formats round to the nearest step and clip at full scale.
 * @throws InvalidValue for a sample rate or channel count RIFF cannot hold, or NaN in an integer format;
 *   ShapeMismatch for channels of unequal length
 */
export async function writeWav(path: string, wav: WavInput): Promise<void> {
  await writeFileAtomic(path, encodeWav(wav));
}

export interface WavInput {
  readonly sampleRate: number;
  readonly channels: readonly ArrayLike<number>[];
  /** `pcm16` unless given. */
  readonly format?: WavFormat;
}

/** {@link writeWav} to bytes. */
export function encodeWav({ sampleRate, channels, format = "pcm16" }: WavInput): Uint8Array {
  if (!Number.isInteger(sampleRate) || sampleRate < 1 || sampleRate >= 2 ** 32) {
    throw new InvalidValue("writeWav", "the sample rate must be a whole number of Hz", sampleRate);
  }
  if (channels.length < 1 || channels.length > 65535)
    throw new InvalidValue("writeWav", "there must be 1 to 65535 channels", channels.length);
  for (const samples of channels) {
    if (samples.length !== channels[0].length)
      throw new ShapeMismatch("writeWav: channels", [channels[0].length], [samples.length], "Pad the shorter one.");
  }
  const data = interleave(channels, format);
  const bits = 8 * sampleCodes[format].bytes;
  const isFloat = format.startsWith("float");
  const blockAlign = (channels.length * bits) / 8;
  const headerBytes = isFloat ? 58 : 44; // float asks for an extension size and a fact chunk
  const file = new Uint8Array(headerBytes + data.length + (data.length % 2));
  if (file.length >= 2 ** 32)
    throw new InvalidValue("writeWav", "a RIFF file must stay below 4 GiB", file.length, "Write it in parts.");
  const view = viewOf(file);
  const text = (at: number, word: string): void => file.set(Buffer.from(word, "latin1"), at);
  text(0, "RIFF");
  view.setUint32(4, file.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, isFloat ? 18 : 16, true);
  view.setUint16(20, isFloat ? 3 : 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, Math.min(sampleRate * blockAlign, 2 ** 32 - 1), true);
  view.setUint16(32, blockAlign, true);
  view.setUint16(34, bits, true);
  if (isFloat) {
    text(38, "fact");
    view.setUint32(42, 4, true);
    view.setUint32(46, channels[0].length, true);
  }
  text(headerBytes - 8, "data");
  view.setUint32(headerBytes - 4, data.length, true);
  file.set(data, headerBytes);
  return file;
}
