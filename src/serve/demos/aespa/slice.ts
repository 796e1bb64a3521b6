import { BadFile } from "../../../core/index.js";
import { decodePicture, toGrey, toRgb } from "../../../datasets/index.js";
import { resizeBilinear, type ByteImage } from "../../../signal/index.js";

/** A picture as the page shows it, what the model sees of it, and its raters' masks at the page's size. */
export interface DemoSlice {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] */
  readonly shown: Uint8Array;
  /** What the file had, before it was made to fit the page: masks must have it too. */
  readonly stored: { readonly width: number; readonly height: number };
  /** [S, S, 3] */
  readonly image: Uint8Array;
  readonly size: number;
  /** Of 0 and 1, [height, width] each. */
  readonly raters: readonly Uint8Array[];
}

/** Longer sides are made to fit: more pixels than a screen shows only take time. */
const longestSide = 512;

/** A picture's pixels, no more than 64 MiB unfolded. */
const limits = { maxBytes: 2 ** 26 };

/** A user's raters: more would not fit beside each other. */
const mostRaters = 8;

/**
 * @param size S of the model; the picture is brought to S×S as the loaders do, whatever its shape
 * @throws BadFile when the bytes are no 8-bit PNG or JPEG, or too small to show anything
 */
export function sliceFrom(bytes: Uint8Array, name: string, size: number): DemoSlice {
  const picture = toRgb(decodePicture(bytes, name, limits));
  const { width, height } = picture;
  if (Math.min(width, height) < 16) throw new BadFile("unsupported", name, `is ${width}×${height} pixels`, "Take an image of at least 16×16.");
  const shown = resizeBilinear(picture, ...fitted(picture));
  return { name, width: shown.width, height: shown.height, shown: shown.data, stored: { width, height }, image: resizeBilinear(picture, size, size).data, size, raters: [] };
}

/** {@link withMask} of a PNG or JPEG file's bytes. @throws BadFile when they are none, and as there */
export function withRater(slice: DemoSlice, bytes: Uint8Array, name: string): DemoSlice {
  const mask = toGrey(decodePicture(bytes, name, limits));
  requireSize(slice, mask, name);
  if (marksNothing(mask)) throw new BadFile("empty-mask", name, "marks nothing: no pixel is 128 or brighter", "A mask is black outside and white (255) inside.");
  if (mask.data.every((level) => level >= 128)) throw new BadFile("full-mask", name, "marks every pixel", "A mask is black outside and white (255) inside.");
  return withMask(slice, mask, name);
}

export const marksNothing = ({ data }: ByteImage): boolean => data.every((level) => level < 128);

/**
 * The slice with one rater more.
 * @throws BadFile when the mask has another size, or there are too many
 */
export function withMask(slice: DemoSlice, mask: ByteImage, name: string): DemoSlice {
  const { width, height, raters } = slice;
  requireSize(slice, mask, name);
  if (raters.length >= mostRaters) throw new BadFile("too-many", name, `would be rater ${mostRaters + 1}`, `At most ${mostRaters} fit; open the image anew to begin again.`);
  const drawn = resizeBilinear(mask, width, height).data.map((level) => (level >= 128 ? 1 : 0));
  return { ...slice, raters: [...raters, drawn] };
}

function requireSize({ stored }: DemoSlice, mask: ByteImage, name: string): void {
  if (mask.width !== stored.width || mask.height !== stored.height)
    throw new BadFile("size", name, `is ${mask.width}×${mask.height} pixels, but the image is ${stored.width}×${stored.height}`, "Take the mask that was drawn on this image.");
}

function fitted({ width, height }: ByteImage): [number, number] {
  const scale = Math.min(1, longestSide / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}
