import { ShapeMismatch } from "../core/index.js";

/** An image on its way to the page: bytes row by row, one (grey, or a mask) or three (RGB) a pixel. */
export interface SentPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly base64: string;
}

/** The page's `decodePicture` turns it back. */
export function sendPicture(width: number, height: number, channels: 1 | 3, bytes: Uint8Array): SentPicture {
  if (bytes.length !== width * height * channels) throw new ShapeMismatch("sendPicture", [height, width, channels], [bytes.length], "One byte a value.");
  return { width, height, channels, base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64") };
}
