import { BadFile } from "../../core/index.js";
import { decodeJpeg, decodePng, readJpeg, readNpy, readPng, type DecodedPng, type ReadLimits } from "../../io/index.js";
import { resizeBilinear, type ByteImage } from "../../signal/index.js";

/** 8-bit pixels of a PNG or JPEG file. @throws BadFile, `unsupported` for 16-bit images */
export async function readPicture(path: string): Promise<ByteImage> {
  return /\.jpe?g$/i.test(path) ? readJpeg(path) : eightBit(await readPng(path), path);
}

/** {@link readPicture} of bytes, told apart by their first ones. `name` is what errors call them. */
export function decodePicture(bytes: Uint8Array, name: string, limits: ReadLimits = {}): ByteImage {
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? decodeJpeg(bytes, name, limits) : eightBit(decodePng(bytes, name, limits), name);
}

function eightBit({ width, height, channels, depth, data }: DecodedPng, name: string): ByteImage {
  if (depth === 8) return { width, height, channels, data: data as Uint8Array };
  throw new BadFile("unsupported", name, "has 16 bits a sample", "Store it with 8 bits; the published data has 8.");
}

/** As Pillow's `convert("RGB")`: grey three times, alpha dropped. [H, W, 3] */
export function toRgb({ width, height, channels, data }: ByteImage): ByteImage {
  const rgb = new Uint8Array(width * height * 3);
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  for (let pixel = 0; pixel < width * height; pixel++) {
    rgb[3 * pixel] = data[pixel * channels];
    rgb[3 * pixel + 1] = data[pixel * channels + green];
    rgb[3 * pixel + 2] = data[pixel * channels + blue];
  }
  return { width, height, channels: 3, data: rgb };
}

/** As Pillow's `convert("L")`: ITU-R 601 luma in 16-bit fixed point, alpha dropped. [H, W] */
export function toGrey({ width, height, channels, data }: ByteImage): ByteImage {
  if (channels === 1) return { width, height, channels, data };
  const grey = new Uint8Array(width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * channels;
    grey[pixel] = channels === 2 ? data[at] : (data[at] * 19595 + data[at + 1] * 38470 + data[at + 2] * 7471 + 0x8000) >> 16;
  }
  return { width, height, channels: 1, data: grey };
}

/**
 * A mask as grey levels: a picture, or an `.npy` array H×W or H×W×C, of which `classIndex` is taken or, without one, every
 * class but 0, the background.
 * @throws BadFile `unsupported` for an array of another shape or type
 */
export async function readMask(path: string, classIndex?: number): Promise<ByteImage> {
  if (!path.endsWith(".npy")) return toGrey(await readPicture(path));
  const { shape, data } = await readNpy(path);
  const [height, width, classes = 1] = shape;
  if (shape.length < 2 || shape.length > 3 || !(data instanceof Uint8Array)) {
    throw new BadFile("unsupported", path, `holds an array of shape [${shape.join(", ")}], not H×W or H×W×C of uint8`, "See data/cards/mbhseg.md for the layout.");
  }
  if ((classIndex ?? 0) >= classes) throw new BadFile("unsupported", path, `has ${classes} classes, so there is no class ${classIndex}`, "Name another class.");
  if (classes === 1) return { width, height, channels: 1, data };
  const plane = new Uint8Array(width * height);
  for (let pixel = 0; pixel < plane.length; pixel++) {
    const levels = data.subarray(pixel * classes, (pixel + 1) * classes);
    plane[pixel] = classIndex === undefined ? levels.subarray(1).reduce((most, level) => Math.max(most, level), 0) : levels[classIndex];
  }
  return { width, height, channels: 1, data: plane };
}

/** The rule of every loader (spec §2): bilinear with antialias, then at least one half. [size, size] of 0 and 1 */
export function maskAtSize(mask: ByteImage, size: number): Uint8Array {
  return resizeBilinear(mask, size, size).data.map((level) => (level >= 128 ? 1 : 0));
}

/** Nearest neighbour as PyTorch's `interpolate`: source = ⌊target · from / to⌋. Multi-class masks are resized so. */
export function maskAtSizeNearest({ width, height, data }: ByteImage, size: number): Uint8Array {
  const mask = new Uint8Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      mask[y * size + x] = data[Math.floor((y * height) / size) * width + Math.floor((x * width) / size)] >= 128 ? 1 : 0;
    }
  }
  return mask;
}
