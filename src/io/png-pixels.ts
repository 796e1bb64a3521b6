import { lineBytes, passesOf, samplesOf, type PngHeader } from "./png-chunks.js";
import { corrupt } from "./problems.js";

/**
 * Scan lines → samples, row by row, as stored: filters undone (PNG §9), interlacing undone (§8.2), 1/2/4-bit
 * samples one a byte, 16-bit samples in this machine's byte order. Changes `scanlines`.
 */
export function samplesFrom(scanlines: Uint8Array, header: PngHeader, name: string): Uint8Array | Uint16Array {
  const { width, height, bitDepth, colorType, interlaced } = header;
  const perPixel = samplesOf[colorType];
  const samples = bitDepth === 16 ? new Uint16Array(width * height * perPixel) : new Uint8Array(width * height * perPixel);
  const pixelBytes = Math.max(1, (perPixel * bitDepth) / 8);
  let at = 0;
  for (const pass of passesOf(header)) {
    const length = lineBytes(header, pass.width);
    let above: Uint8Array = new Uint8Array(length);
    for (let row = 0; row < pass.height; row++, at += length + 1) {
      const line = scanlines.subarray(at + 1, at + 1 + length);
      unfilter(scanlines[at], line, above, pixelBytes, name);
      above = line;
      const start = ((pass.y + row * pass.dy) * width + pass.x) * perPixel;
      if (bitDepth === 8 && !interlaced) samples.set(line, start);
      else scatter(line, bitDepth, samples, { start, step: pass.dx * perPixel, perPixel, pixels: pass.width });
    }
  }
  return samples;
}

function scatter(
  line: Uint8Array,
  bitDepth: number,
  samples: Uint8Array | Uint16Array,
  to: { start: number; step: number; perPixel: number; pixels: number },
): void {
  const mask = 2 ** bitDepth - 1;
  const one = (index: number): number => {
    if (bitDepth === 8) return line[index];
    if (bitDepth === 16) return (line[2 * index] << 8) | line[2 * index + 1];
    const bit = index * bitDepth;
    return (line[bit >> 3] >> (8 - bitDepth - (bit & 7))) & mask;
  };
  for (let pixel = 0; pixel < to.pixels; pixel++) {
    for (let sample = 0; sample < to.perPixel; sample++)
      samples[to.start + pixel * to.step + sample] = one(pixel * to.perPixel + sample);
  }
}

/** Undoes one line's filter in place; `back` is the distance to the same byte of the pixel to the left. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, back: number, name: string): void {
  switch (filter) {
    case 0:
      return;
    case 1:
      for (let i = back; i < line.length; i++) line[i] += line[i - back];
      return;
    case 2:
      for (let i = 0; i < line.length; i++) line[i] += above[i];
      return;
    case 3:
      for (let i = 0; i < line.length; i++) line[i] += ((i < back ? 0 : line[i - back]) + above[i]) >> 1;
      return;
    case 4:
      for (let i = 0; i < Math.min(back, line.length); i++) line[i] += above[i];
      for (let i = back; i < line.length; i++) line[i] += paeth(line[i - back], above[i], above[i - back]);
      return;
    default:
      throw corrupt(name, `has a scan line with filter ${filter}; PNG has 0 to 4`);
  }
}

/** Whichever of left, up and up-left is nearest to left + up − upLeft; ties in this order (PNG §9.4). */
export function paeth(left: number, up: number, upLeft: number): number {
  const toLeft = Math.abs(up - upLeft);
  const toUp = Math.abs(left - upLeft);
  const toUpLeft = Math.abs(left + up - 2 * upLeft);
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}
