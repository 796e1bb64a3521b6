import { ascii, viewOf } from "./bytes.js";
import { badHeader, truncated, unsupported } from "./problems.js";
import { sampleCodes, type WavFormat } from "./wav-samples.js";

export interface WavLayout {
  readonly sampleRate: number;
  readonly channelCount: number;
  readonly format: WavFormat;
  /** The interleaved samples, whole frames only; a view into the file's bytes. */
  readonly data: Uint8Array;
}

type FormatChunk = Omit<WavLayout, "data">;

/** Walks the chunks up to the samples, checking every announced size against what is there. */
export function wavLayout(bytes: Uint8Array, name: string): WavLayout {
  const kind = riffKind(bytes, name);
  const view = viewOf(bytes);
  let format: FormatChunk | undefined;
  let longSize: number | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = ascii(bytes, at, at + 4);
    const start = at + 8;
    const size = view.getUint32(at + 4, true);
    if (id === "data") {
      if (format === undefined) throw badHeader(name, "its data chunk comes before its fmt chunk");
      // A recorder that was cut off, or wrote to a pipe, leaves the sizes at 0 or at 0xFFFFFFFF.
      const unfinished = size === 0xffffffff || (size === 0 && [0, 0xffffffff].includes(view.getUint32(4, true)));
      const known = size === 0xffffffff ? longSize : unfinished && kind === "RIFF" ? undefined : size;
      return { ...format, data: samplesAt(bytes, start, known, format, name) };
    }
    if (start + size > bytes.length)
      throw truncated(name, start + size, bytes.length, `its ${JSON.stringify(id)} chunk announces`);
    if (id === "fmt ") format = formatChunk(bytes.subarray(start, start + size), name);
    if (id === "ds64" && size >= 16) longSize = Number(view.getBigUint64(start + 8, true));
    at = start + size + (size % 2);
  }
  throw badHeader(name, `has no ${format === undefined ? "fmt" : "data"} chunk`);
}

function riffKind(bytes: Uint8Array, name: string): string {
  const kind = ascii(bytes, 0, 4);
  if (bytes.length >= 12 && ["RIFF", "RF64", "BW64"].includes(kind) && ascii(bytes, 8, 12) === "WAVE") return kind;
  if (kind === "RIFX") throw unsupported(name, "is a big-endian RIFX file", "Convert it to a little-endian WAV.");
  throw badHeader(name, "does not begin as a WAV file does (RIFF … WAVE)", "Check that it is a WAV file.");
}

function samplesAt(
  bytes: Uint8Array,
  start: number,
  size: number | undefined,
  format: FormatChunk,
  name: string,
): Uint8Array {
  const frame = sampleCodes[format.format].bytes * format.channelCount;
  const there = bytes.length - start;
  if (size === undefined) return bytes.subarray(start, start + there - (there % frame));
  if (size > there) throw truncated(name, start + size, bytes.length);
  if (size % frame !== 0)
    throw badHeader(name, `its data chunk of ${size} bytes is not a whole number of ${frame}-byte frames`);
  return bytes.subarray(start, start + size);
}

function formatChunk(chunk: Uint8Array, name: string): FormatChunk {
  const view = viewOf(chunk);
  const extensible = chunk.length >= 2 && view.getUint16(0, true) === 0xfffe;
  const needed = extensible ? 40 : 16;
  if (chunk.length < needed) throw badHeader(name, `its fmt chunk has ${chunk.length} bytes; it needs ${needed}`);
  const tag = view.getUint16(extensible ? 24 : 0, true);
  const channelCount = view.getUint16(2, true);
  const sampleRate = view.getUint32(4, true);
  const blockAlign = view.getUint16(12, true);
  const bits = view.getUint16(14, true);
  if (channelCount === 0) throw badHeader(name, "announces 0 channels");
  if (sampleRate === 0) throw badHeader(name, "announces a sample rate of 0 Hz");
  const format = formatOf(tag, bits);
  if (format === undefined) {
    const what = `${encodings[tag] ?? `encoding 0x${tag.toString(16)}`} of ${bits} bits`;
    throw unsupported(name, `stores ${what}`, "Convert it to PCM of 8, 16, 24 or 32 bits or to float.");
  }
  const frame = sampleCodes[format].bytes * channelCount;
  if (blockAlign !== frame) {
    throw badHeader(name, `announces ${blockAlign}-byte frames, but ${channelCount} channels of ${bits} bits take ${frame}`);
  }
  return { channelCount, sampleRate, format };
}

/** PCM of, say, 20 bits sits at the top of its 24-bit container, so the container alone tells the scale. */
function formatOf(tag: number, bits: number): WavFormat | undefined {
  if (tag === 1) return ([undefined, "pcm8", "pcm16", "pcm24", "pcm32"] as const)[Math.ceil(bits / 8)];
  if (tag === 3) return ({ 32: "float32", 64: "float64" } as const)[bits];
  return undefined;
}

const encodings: Readonly<Record<number, string | undefined>> = {
  1: "PCM",
  2: "Microsoft ADPCM",
  3: "float",
  6: "A-law",
  7: "µ-law",
  17: "IMA ADPCM",
  80: "MPEG",
  85: "MP3",
};
