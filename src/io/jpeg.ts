import jpeg from "jpeg-js";
import { InvalidValue, ShapeMismatch, writeFileAtomic } from "../core/index.js";
import { readBytes, type ReadLimits } from "./bytes.js";
import { corrupt, requireWithin, truncated } from "./problems.js";

export interface JpegImage {
  readonly width: number;
  readonly height: number;
  /** Always RGB; a grey file has three equal channels. */
  readonly channels: 3;
  /** Row by row from the top: index = (y · width + x) · 3 + c. */
  readonly data: Uint8Array;
}

/** No image takes more than this unless the caller says so: 256 MiB of pixels. */
const maxPixelBytes = 2 ** 28;

/**
 * Reads a baseline or progressive JPEG image as RGB. EXIF orientation and colour profiles are not applied. Chroma is
 * upsampled without smoothing, so values may differ by a few levels from libjpeg's where colours change sharply.
 *
 * @throws BadFile `not-found`, `truncated-file`, `corrupt-data`, `too-large` (before anything is decoded)
 * @example const { width, height, data } = await readJpeg("fundus.jpg"); // 2124, 2056, Uint8Array(13100832)
 */
export async function readJpeg(path: string, options: ReadLimits = {}): Promise<JpegImage> {
  return decodeJpeg(await readBytes(path, options), path, options);
}

/** {@link readJpeg} on bytes; `name` is what errors call the file. */
export function decodeJpeg(bytes: Uint8Array, name = "JPEG data", { maxBytes = maxPixelBytes }: ReadLimits = {}): JpegImage {
  if (bytes.length < 4) throw truncated(name, 4, bytes.length, "a JPEG image has at least");
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw corrupt(name, "does not begin as a JPEG image does");
  const { width, height } = frameSize(bytes, name);
  requireWithin(name, "its image takes", width * height * 3, maxBytes);
  // Every block of 8 × 8 pixels takes a bit at the least: a header may not announce more than the file could hold.
  const least = Math.ceil((width * height) / 512);
  if (least > bytes.length) throw truncated(name, least, bytes.length, `that ${width} × ${height} pixels take at the least`);
  try {
    const megapixels = Math.ceil((width * height) / 1e6) + 1;
    const decoded = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: megapixels,
      maxMemoryUsageInMB: 4096,
    });
    return { width: decoded.width, height: decoded.height, channels: 3, data: decoded.data };
  } catch (cause) {
    throw corrupt(name, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** The sides in the start-of-frame segment (ITU T.81 §B.2.2), looked at before memory is taken. */
function frameSize(bytes: Uint8Array, name: string): { width: number; height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 <= bytes.length;) {
    if (bytes[at] !== 0xff) throw corrupt(name, `byte ${at} should begin a segment`);
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += 2 + view.getUint16(at + 2);
  }
  throw corrupt(name, "has no frame header");
}

/**
 * Writes a baseline JPEG (4:4:4), atomically. JPEG loses: what is read back differs by a few levels.
 * @param quality 1–100, 95 unless given
 * @throws InvalidValue, ShapeMismatch
 */
export async function writeJpeg(path: string, image: JpegImage, options?: JpegOptions): Promise<void> {
  await writeFileAtomic(path, encodeJpeg(image, options));
}

export interface JpegOptions {
  readonly quality?: number;
}

/** {@link writeJpeg} to bytes. */
export function encodeJpeg({ width, height, data }: JpegImage, { quality = 95 }: JpegOptions = {}): Uint8Array {
  const rule = "quality must be a whole number from 1 to 100";
  if (!(Number.isInteger(quality) && quality >= 1 && quality <= 100)) throw new InvalidValue("writeJpeg", rule, quality);
  if (data.length !== width * height * 3)
    throw new ShapeMismatch("writeJpeg: samples", [height, width, 3], [data.length], "Check the channels.");
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) rgba.set(data.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
  return jpeg.encode({ width, height, data: rgba }, quality).data;
}
