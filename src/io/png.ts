import { readBytes, viewOf, type ReadLimits } from "./bytes.js";
import { pngParts, samplesOf, type PngHeader } from "./png-chunks.js";
import { samplesFrom } from "./png-pixels.js";
import { corrupt, requireWithin } from "./problems.js";

export interface PngImage {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 2 | 3 | 4;
  readonly depth: 8 | 16;
  /** Row by row from the top, channels interleaved: index = (y · width + x) · channels + c. */
  readonly data: Uint8Array | Uint16Array;
}

export interface DecodedPng extends PngImage {
  /** How the file stores it. */
  readonly stored: PngHeader;
  /** With `palette: "indices"`: 3 bytes a colour. */
  readonly palette?: Uint8Array;
}

export interface PngOptions extends ReadLimits {
  /** Palette images become RGB(A), or stay colour numbers: label maps are often stored so. `expand` unless given. */
  readonly palette?: "expand" | "indices";
}

/** No image takes more than this unless the caller says so: 1 GiB of pixels. */
const maxPixelBytes = 2 ** 30;

/**
 * Reads a PNG image of any colour type and depth. Samples of 1, 2 and 4 bits are stretched to 8 (black stays 0, white 255);
 * a palette becomes RGB; transparency (tRNS) becomes an alpha channel. Colour profiles and gamma are not applied.
 *
 * @throws BadFile `not-found`, `bad-header`, `truncated-file`, `corrupt-data`, `too-large` (before anything is unfolded)
 * @example const { width, height, channels, data } = await readPng("scan.png"); // 180, 180, 1, Uint8Array(32400)
 * @see Portable Network Graphics, third edition, W3C 2025
 */
export async function readPng(path: string, options: PngOptions = {}): Promise<DecodedPng> {
  return decodePng(await readBytes(path, options), path, options);
}

/** {@link readPng} on bytes; `name` is what errors call the file. */
export function decodePng(
  bytes: Uint8Array,
  name = "PNG data",
  { maxBytes = maxPixelBytes, palette: wanted = "expand" }: PngOptions = {},
): DecodedPng {
  const { header: stored, palette, transparency, scanlines } = pngParts(bytes, name, maxBytes);
  const { width, height, bitDepth, colorType } = stored;
  const depth = bitDepth === 16 ? 16 : 8;
  const samples = samplesFrom(scanlines, stored, name);
  if (colorType === "palette" && palette !== undefined) {
    const colors = palette.length / 3;
    const beyond = samples.find((index) => index >= colors);
    if (beyond !== undefined) throw corrupt(name, `a pixel has colour ${beyond} of a palette of ${colors}`);
    if (wanted === "indices") return { width, height, channels: 1, depth, data: samples, stored, palette };
    return {
      width,
      height,
      channels: transparency ? 4 : 3,
      depth,
      data: withColors(samples, palette, transparency),
      stored,
    };
  }
  if (transparency !== undefined) {
    const channels = colorType === "grey" ? 2 : 4;
    requireWithin(name, "its image takes", width * height * channels * (depth / 8), maxBytes);
    const data = stretched(withAlpha(samples, samplesOf[colorType], viewOf(transparency), bitDepth), bitDepth);
    return { width, height, channels, depth, data, stored };
  }
  return {
    width,
    height,
    channels: samplesOf[colorType] as 1 | 2 | 3 | 4,
    depth,
    data: stretched(samples, bitDepth),
    stored,
  };
}

function withColors(indices: Uint8Array | Uint16Array, palette: Uint8Array, alpha: Uint8Array | undefined): Uint8Array {
  const channels = alpha ? 4 : 3;
  const data = new Uint8Array(indices.length * channels);
  for (let i = 0, to = 0; i < indices.length; i++, to += channels) {
    const from = 3 * indices[i];
    data[to] = palette[from];
    data[to + 1] = palette[from + 1];
    data[to + 2] = palette[from + 2];
    if (alpha) data[to + 3] = alpha[indices[i]] ?? 255;
  }
  return data;
}

/** Adds an alpha channel: 0 where a pixel has the one transparent colour, full elsewhere (PNG §11.3.1). */
function withAlpha(
  samples: Uint8Array | Uint16Array,
  channels: number,
  transparent: DataView,
  bitDepth: number,
): Uint8Array | Uint16Array {
  const full = 2 ** bitDepth - 1;
  const pixels = samples.length / channels;
  const data = bitDepth === 16 ? new Uint16Array(pixels * (channels + 1)) : new Uint8Array(pixels * (channels + 1));
  for (let pixel = 0; pixel < pixels; pixel++) {
    let same = true;
    for (let c = 0; c < channels; c++) {
      const sample = samples[pixel * channels + c];
      data[pixel * (channels + 1) + c] = sample;
      same &&= sample === (transparent.getUint16(2 * c) & full);
    }
    data[pixel * (channels + 1) + channels] = same ? 0 : full;
  }
  return data;
}

function stretched<T extends Uint8Array | Uint16Array>(samples: T, bitDepth: number): T {
  if (bitDepth >= 8) return samples;
  const factor = 255 / (2 ** bitDepth - 1); // 255, 85, 17: exact
  for (let i = 0; i < samples.length; i++) samples[i] *= factor;
  return samples;
}
