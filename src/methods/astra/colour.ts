/**
 * Colour changes on interleaved RGB bytes, bit for bit as torchvision makes them on Pillow pictures
 * (ImageEnhance and the HSV conversion of Pillow 12).
 */

/** Multiplies brightness: 0 is black, 1 the picture itself. */
export function adjustBrightness(rgb: Uint8Array, factor: number): Uint8Array {
  return throughTable(rgb, (value) => blend(0, value, factor));
}

/** Moves every value away from the picture's mean grey (1 leaves it, 0 makes one flat grey). */
export function adjustContrast(rgb: Uint8Array, factor: number): Uint8Array {
  const grey = luminance(rgb);
  const mean = Math.trunc(grey.reduce((sum, value) => sum + value, 0) / grey.length + 0.5);
  return throughTable(rgb, (value) => blend(mean, value, factor));
}

/** Moves every pixel away from its own grey (1 leaves it, 0 makes it grey). */
export function adjustSaturation(rgb: Uint8Array, factor: number): Uint8Array {
  const grey = luminance(rgb);
  const out = new Uint8Array(rgb.length);
  for (let p = 0, i = 0; p < grey.length; p++) for (let c = 0; c < 3; c++, i++) out[i] = blend(grey[p], rgb[i], factor);
  return out;
}

/** Turns hues by a share of the circle, −0.5 … 0.5. */
export function adjustHue(rgb: Uint8Array, turn: number): Uint8Array {
  const shift = Math.trunc(turn * 255) & 255;
  const out = new Uint8Array(rgb.length);
  // Arithmetic on plain numbers: this runs for every pixel of every training view.
  for (let i = 0; i < rgb.length; i += 3) {
    const v = Math.max(rgb[i], rgb[i + 1], rgb[i + 2]);
    const spread = v - Math.min(rgb[i], rgb[i + 1], rgb[i + 2]);
    const s = spread === 0 ? 0 : clamp(Math.trunc(Math.fround(spread / v) * 255));
    if (s === 0) {
      out[i] = out[i + 1] = out[i + 2] = v;
      continue;
    }
    const h = (hueOf(rgb[i], rgb[i + 1], rgb[i + 2], v, spread) + shift) & 255;
    const sector = Math.floor((h * 6) / 255);
    const f = Math.fround((h * 6) / 255 - sector);
    const share = Math.fround(s / 255);
    const low = clamp(Math.round(v * (1 - share)));
    const falling = clamp(Math.round(v * (1 - share * f)));
    const rising = clamp(Math.round(v * (1 - share * (1 - f))));
    const which = sector % 6;
    out[i] = which === 0 || which === 5 ? v : which === 1 ? falling : which === 4 ? rising : low;
    out[i + 1] = which === 1 || which === 2 ? v : which === 0 ? rising : which === 3 ? falling : low;
    out[i + 2] = which === 3 || which === 4 ? v : which === 2 ? rising : which === 5 ? falling : low;
  }
  return out;
}

/** Three equal channels of ITU-R 601 luminance. */
export function toGrayscale(rgb: Uint8Array): Uint8Array {
  const grey = luminance(rgb);
  const out = new Uint8Array(rgb.length);
  for (let p = 0; p < grey.length; p++) out.fill(grey[p], 3 * p, 3 * p + 3);
  return out;
}

/** One grey byte a pixel: (19595 R + 38470 G + 7471 B + 32768) >> 16. */
function luminance(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let p = 0, i = 0; p < grey.length; p++, i += 3)
    grey[p] = (rgb[i] * 19595 + rgb[i + 1] * 38470 + rgb[i + 2] * 7471 + 0x8000) >> 16;
  return grey;
}

function throughTable(rgb: Uint8Array, change: (value: number) => number): Uint8Array {
  const table = Uint8Array.from({ length: 256 }, (_, value) => change(value));
  const out = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i++) out[i] = table[rgb[i]];
  return out;
}

/** from + factor·(to − from) in float32, truncated, kept in 0 … 255. */
function blend(from: number, to: number, factor: number): number {
  return clamp(Math.trunc(Math.fround(from + Math.fround(Math.fround(factor) * (to - from)))));
}

/** Pillow's hue byte of a pixel that is not grey. */
function hueOf(r: number, g: number, b: number, max: number, spread: number): number {
  const toRed = Math.fround((max - r) / spread);
  const toGreen = Math.fround((max - g) / spread);
  const toBlue = Math.fround((max - b) / spread);
  const sector =
    r === max
      ? Math.fround(toBlue - toGreen)
      : g === max
        ? Math.fround(2 + toRed - toBlue)
        : Math.fround(4 + toGreen - toRed);
  return clamp(Math.trunc(Math.fround((sector / 6 + 1) % 1) * 255));
}

const clamp = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);
