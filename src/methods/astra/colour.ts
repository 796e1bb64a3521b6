/**
 * Colour changes on interleaved RGB bytes, bit for bit as torchvision makes them on Pillow pictures
 * (ImageEnhance and the HSV conversion of Pillow 12).
 */

/** Multiplies brightness: 0 is black, 1 the picture itself. */
export function adjustBrightness(rgb: Uint8Array, factor: number): Uint8Array {
  return rgb.map((value) => blend(0, value, factor));
}

/** Moves every value away from the picture's mean grey (1 leaves it, 0 makes one flat grey). */
export function adjustContrast(rgb: Uint8Array, factor: number): Uint8Array {
  const grey = luminance(rgb);
  const mean = Math.trunc(grey.reduce((sum, value) => sum + value, 0) / grey.length + 0.5);
  return rgb.map((value) => blend(mean, value, factor));
}

/** Moves every pixel away from its own grey (1 leaves it, 0 makes it grey). */
export function adjustSaturation(rgb: Uint8Array, factor: number): Uint8Array {
  const grey = luminance(rgb);
  return rgb.map((value, i) => blend(grey[Math.trunc(i / 3)], value, factor));
}

/** Turns hues by a share of the circle, −0.5 … 0.5. */
export function adjustHue(rgb: Uint8Array, turn: number): Uint8Array {
  const shift = Math.trunc(turn * 255) & 255;
  const out = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    const [h, s, v] = toHsv(rgb[i], rgb[i + 1], rgb[i + 2]);
    out.set(fromHsv((h + shift) & 255, s, v), i);
  }
  return out;
}

/** Three equal channels of ITU-R 601 luminance. */
export function toGrayscale(rgb: Uint8Array): Uint8Array {
  const grey = luminance(rgb);
  return rgb.map((_, i) => grey[Math.trunc(i / 3)]);
}

/** One grey byte a pixel: (19595 R + 38470 G + 7471 B + 32768) >> 16. */
function luminance(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let p = 0, i = 0; p < grey.length; p++, i += 3) grey[p] = (rgb[i] * 19595 + rgb[i + 1] * 38470 + rgb[i + 2] * 7471 + 0x8000) >> 16;
  return grey;
}

/** from + factor·(to − from) in float32, truncated, kept in 0 … 255. */
function blend(from: number, to: number, factor: number): number {
  const mixed = Math.fround(from + Math.fround(Math.fround(factor) * (to - from)));
  return Math.max(0, Math.min(255, Math.trunc(mixed)));
}

function toHsv(r: number, g: number, b: number): [number, number, number] {
  const max = Math.max(r, g, b);
  const spread = Math.fround(max - Math.min(r, g, b));
  if (spread === 0) return [0, 0, max];
  const [toRed, toGreen, toBlue] = [r, g, b].map((value) => Math.fround((max - value) / spread));
  const sector = r === max ? Math.fround(toBlue - toGreen) : g === max ? Math.fround(2 + toRed - toBlue) : Math.fround(4 + toGreen - toRed);
  const hue = Math.fround((sector / 6 + 1) % 1);
  return [clamp(Math.trunc(hue * 255)), clamp(Math.trunc(Math.fround(spread / max) * 255)), max];
}

function fromHsv(h: number, s: number, v: number): [number, number, number] {
  if (s === 0) return [v, v, v];
  const sector = Math.floor((h * 6) / 255);
  const f = Math.fround((h * 6) / 255 - sector);
  const share = Math.fround(s / 255);
  const p = clamp(Math.round(v * (1 - share)));
  const q = clamp(Math.round(v * (1 - share * f)));
  const t = clamp(Math.round(v * (1 - share * (1 - f))));
  return ([[v, t, p], [q, v, p], [p, v, t], [p, q, v], [t, p, v], [v, p, q]] as [number, number, number][])[sector % 6];
}

const clamp = (value: number): number => Math.max(0, Math.min(255, value));
