import { bundle, type MimeBundle } from "./bundle.js";
import { escapeHtml } from "./html.js";
import { encodeDisplayPng } from "./png.js";

/** A picture of one grey value a pixel, row by row from the top. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  /** Any numbers; the smallest finite one is drawn black, the largest white. */
  readonly data: ArrayLike<number>;
}

export interface OverlayOptions {
  /** What a reader who cannot see it must know. */
  readonly alt: string;
  /** Names of the masks, shown beside their switches. */
  readonly names?: readonly string[];
}

/** Distinguishable for the colour-blind (Okabe and Ito, 2008). */
const colors = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [204, 121, 167],
] as const;

const opacity = 0.45;

/**
 * A picture with masks laid over it, each of which the reader can switch off; where scripts do not run, a still picture of all.
 * @param masks non-zero is inside, of the picture's size
 * @throws RangeError when a mask has another size
 */
export function overlay(
  picture: GreyPicture,
  masks: readonly ArrayLike<number | boolean>[],
  { alt, names = [] }: OverlayOptions,
): MimeBundle {
  const { width, height } = picture;
  for (const mask of masks)
    if (mask.length !== width * height)
      throw new RangeError(
        `overlay: a mask has ${mask.length} values, the picture ${width} × ${height} = ${width * height}.`,
      );
  const grey = greyBytes(picture.data);
  const layers = masks.map((mask, i) => png(colored(mask, colors[i % colors.length]), width, height, 4));
  const labels = masks.map((_, i) => names[i] ?? `mask ${i + 1}`);
  const still = png(blended(grey, masks), width, height, 3);
  const scale = Math.max(1, Math.floor(256 / Math.max(width, height)));
  const style = `width:${width * scale}px;height:${height * scale}px;image-rendering:pixelated`;
  const images = layers
    .map((layer) => `<img alt="" style="${style};position:absolute;inset:0;opacity:${opacity}" src="${layer}">`)
    .join("");
  const switches = labels
    .map(
      (label, i) =>
        `<label style="margin-right:1em;border-bottom:3px solid rgb(${colors[i % colors.length].join(",")})"><input type="checkbox" checked onchange="this.closest('figure').querySelectorAll('img')[${i + 1}].hidden=!this.checked"> ${escapeHtml(label)}</label>`,
    )
    .join("");
  const html = `<figure style="margin:0"><div style="position:relative;${style}"><img alt="${escapeHtml(alt)}" style="${style}" src="${png(grey, width, height, 1)}">${images}</div><figcaption>${switches}</figcaption></figure>`;
  const text = `Picture ${width} × ${height}${labels.length > 0 ? ` with ${labels.join(", ")}` : ""}: ${alt}`;
  return bundle(
    text,
    { "text/html": html, "image/png": still.slice(still.indexOf(",") + 1) },
    { "image/png": { width: width * scale, height: height * scale } },
  );
}

const png = (pixels: Uint8Array, width: number, height: number, channels: 1 | 3 | 4): string =>
  `data:image/png;base64,${encodeDisplayPng(pixels, width, height, channels).toString("base64")}`;

/** Stretches finite values to 0 … 255; others are black. */
export function greyBytes(values: ArrayLike<number>, range = finiteRange(values)): Uint8Array {
  const [low, high] = range;
  const span = high - low || 1;
  return Uint8Array.from(values, (value) =>
    Number.isFinite(value) ? Math.round((Math.min(high, Math.max(low, value)) - low) * (255 / span)) : 0,
  );
}

export function finiteRange(values: ArrayLike<number>): [low: number, high: number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  return low <= high ? [low, high] : [0, 1];
}

function colored(mask: ArrayLike<number | boolean>, [red, green, blue]: readonly [number, number, number]): Uint8Array {
  const pixels = new Uint8Array(mask.length * 4);
  for (let i = 0; i < mask.length; i++) if (mask[i]) pixels.set([red, green, blue, 255], i * 4);
  return pixels;
}

function blended(grey: Uint8Array, masks: readonly ArrayLike<number | boolean>[]): Uint8Array {
  const pixels = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) {
    const pixel = [grey[i], grey[i], grey[i]];
    masks.forEach((mask, m) => {
      if (mask[i])
        colors[m % colors.length].forEach((color, c) => (pixel[c] = Math.round(pixel[c] * (1 - opacity) + color * opacity)));
    });
    pixels.set(pixel, i * 3);
  }
  return pixels;
}
