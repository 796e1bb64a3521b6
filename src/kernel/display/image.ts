import { bundle, type MimeBundle } from "./bundle.js";
import { encodeDisplayPng, signature } from "./png.js";

/** An image as `folio/io` reads it. */
export interface ImageLike {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly depth?: number;
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array;
}

export function isImage(value: unknown): value is ImageLike {
  if (typeof value !== "object" || value === null || !("width" in value) || !("height" in value) || !("data" in value))
    return false;
  const { width, height, data, channels } = value as unknown as ImageLike;
  const pixels = ArrayBuffer.isView(data) && "length" in data;
  return (
    pixels &&
    Number.isInteger(width) &&
    Number.isInteger(height) &&
    [1, 2, 3, 4].includes(channels) &&
    data.length === width * height * channels
  );
}

export const isPng = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array && value.length > 8 && signature.equals(value.subarray(0, 8));

export function describeImage({ width, height, channels, depth = 8, data }: ImageLike): MimeBundle {
  const bytes =
    data instanceof Uint16Array ? Uint8Array.from(data, (value) => value >> (depth === 16 ? 8 : 0)) : Uint8Array.from(data);
  const [pixels, kept] = channels === 2 ? [withoutAlpha(bytes), 1 as const] : [bytes, channels as 1 | 3 | 4];
  const png = encodeDisplayPng(pixels, width, height, kept);
  return pngBundle(
    png,
    `Image ${width} × ${height}, ${channels} ${channels === 1 ? "channel" : "channels"}, ${depth} bits`,
    width,
    height,
  );
}

export function describePng(file: Uint8Array): MimeBundle {
  const view = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const [width, height] = [view.readUInt32BE(16), view.readUInt32BE(20)];
  return pngBundle(view, `PNG image ${width} × ${height}`, width, height);
}

/** Small images are enlarged by the reader's front end, not by us: the width it should take is in the metadata. */
export function pngBundle(
  png: Buffer,
  text: string,
  width: number,
  height: number,
  scale = enlargement(width, height),
): MimeBundle {
  return bundle(
    text,
    { "image/png": png.toString("base64") },
    { "image/png": { width: width * scale, height: height * scale } },
  );
}

const enlargement = (width: number, height: number): number => Math.max(1, Math.floor(256 / Math.max(width, height)));

const withoutAlpha = (pixels: Uint8Array): Uint8Array => pixels.filter((_, i) => i % 2 === 0);
