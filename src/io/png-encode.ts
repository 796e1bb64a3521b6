import { crc32 } from "node:zlib";
import { zlibSync } from "fflate";
import { InvalidValue, ShapeMismatch, writeFileAtomic } from "../core/index.js";
import { viewOf } from "./bytes.js";
import { pngSignature } from "./png-chunks.js";
import { paeth } from "./png-pixels.js";

export interface PngInput {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 2 | 3 | 4;
  /** Bits a sample; 8 unless given, 16 for a Uint16Array. */
  readonly depth?: 8 | 16;
  /** Row by row from the top, channels interleaved. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array;
}

/**
 * A PNG file. Each line takes the filter with the smallest sum of absolute differences (PNG §12.7). The same pixels give
 * the same bytes on every machine and Node version.
 * @param options `level` 0 (fast) to 9 (small), 6 unless given
 * @throws InvalidValue, ShapeMismatch when the data does not have width · height · channels samples
 * @example encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) }) // Uint8Array(68)
 */
export function encodePng(
  image: PngInput,
  { level = 6 }: { readonly level?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 } = {},
): Uint8Array {
  const { width, height, channels, data } = image;
  const depth = image.depth ?? (data instanceof Uint16Array ? 16 : 8);
  if (!isSide(width) || !isSide(height))
    throw new InvalidValue("encodePng", "width and height must be whole numbers from 1", [width, height]);
  if (![1, 2, 3, 4].includes(channels)) throw new InvalidValue("encodePng", "there must be 1 to 4 channels", channels);
  if ((depth === 16) !== data instanceof Uint16Array)
    throw new InvalidValue("encodePng", "a depth of 16 goes with a Uint16Array, 8 with a Uint8Array", depth);
  if (data.length !== width * height * channels)
    throw new ShapeMismatch("encodePng: samples", [height, width, channels], [data.length], "Check the channels.");
  const header = new Uint8Array(13);
  const view = viewOf(header);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, { 1: 0, 2: 4, 3: 2, 4: 6 }[channels], 0, 0, 0], 8);
  const bytes = depth === 16 ? bigEndian(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const packed = zlibSync(filtered(bytes, height, (channels * depth) / 8), { level });
  return Buffer.concat([
    Uint8Array.from(pngSignature),
    chunk("IHDR", header),
    chunk("IDAT", packed),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** {@link encodePng} into a file, atomically. */
export async function writePng(path: string, image: PngInput, options?: Parameters<typeof encodePng>[1]): Promise<void> {
  await writeFileAtomic(path, encodePng(image, options));
}

const isSide = (n: number): boolean => Number.isInteger(n) && n >= 1 && n < 2 ** 31;

function bigEndian(data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(data.length * 2);
  const view = viewOf(bytes);
  for (let i = 0; i < data.length; i++) view.setUint16(2 * i, data[i]);
  return bytes;
}

/** Each line behind its filter byte. */
function filtered(bytes: Uint8Array, height: number, back: number): Uint8Array {
  const length = bytes.length / height;
  const lines = new Uint8Array(bytes.length + height);
  const tries = Array.from({ length: 5 }, () => new Uint8Array(length));
  let above: Uint8Array = new Uint8Array(length);
  for (let y = 0; y < height; y++) {
    const line = bytes.subarray(y * length, (y + 1) * length);
    const costs = tryFilters(line, above, back, tries);
    const best = costs.indexOf(Math.min(...costs));
    lines[y * (length + 1)] = best;
    lines.set(tries[best], y * (length + 1) + 1);
    above = line;
  }
  return lines;
}

/** Fills `tries` with a line under each of the five filters; returns what each costs. */
function tryFilters(line: Uint8Array, above: Uint8Array, back: number, tries: readonly Uint8Array[]): number[] {
  const [none, sub, up, average, paethian] = tries;
  let [cost0, cost1, cost2, cost3, cost4] = [0, 0, 0, 0, 0];
  for (let i = 0; i < line.length; i++) {
    const here = line[i];
    const b = above[i];
    const a = i < back ? 0 : line[i - back];
    const c = i < back ? 0 : above[i - back];
    none[i] = here;
    sub[i] = here - a;
    up[i] = here - b;
    average[i] = here - ((a + b) >> 1);
    paethian[i] = here - paeth(a, b, c);
    cost0 += cost(none[i]);
    cost1 += cost(sub[i]);
    cost2 += cost(up[i]);
    cost3 += cost(average[i]);
    cost4 += cost(paethian[i]);
  }
  return [cost0, cost1, cost2, cost3, cost4];
}

/** A difference modulo 256 read as signed: 255 is −1, cheap to pack. */
const cost = (difference: number): number => (difference < 128 ? difference : 256 - difference);

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = viewOf(bytes);
  view.setUint32(0, body.length);
  bytes.set(Buffer.from(type, "latin1"), 4);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)));
  return bytes;
}
