import { crc32, inflateSync } from "node:zlib";
import { BadFile } from "../core/index.js";
import { ascii, viewOf } from "./bytes.js";
import { badHeader, corrupt, requireWithin, truncated, unsupported } from "./problems.js";

export const pngSignature: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export type PngColorType = "grey" | "rgb" | "palette" | "grey-alpha" | "rgba";

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a sample as stored: 1, 2, 4, 8 or 16. */
  readonly bitDepth: number;
  readonly colorType: PngColorType;
  readonly interlaced: boolean;
}

/** A file taken apart and checked: every critical chunk's checksum is right and the pixels have the announced size. */
export interface PngParts {
  readonly header: PngHeader;
  /** 3 bytes a colour. */
  readonly palette: Uint8Array | undefined;
  /** The tRNS chunk as stored. */
  readonly transparency: Uint8Array | undefined;
  /** Filtered scan lines, each behind its filter byte; of an interlaced file, of the seven passes in turn. */
  readonly scanlines: Uint8Array;
}

const colorTypes: Readonly<Record<number, { type: PngColorType; samples: number; depths: readonly number[] } | undefined>> =
  {
    0: { type: "grey", samples: 1, depths: [1, 2, 4, 8, 16] },
    2: { type: "rgb", samples: 3, depths: [8, 16] },
    3: { type: "palette", samples: 1, depths: [1, 2, 4, 8] },
    4: { type: "grey-alpha", samples: 2, depths: [8, 16] },
    6: { type: "rgba", samples: 4, depths: [8, 16] },
  };

/** Samples a stored pixel has. */
export const samplesOf: Readonly<Record<PngColorType, number>> = { grey: 1, rgb: 3, palette: 1, "grey-alpha": 2, rgba: 4 };

/** @throws BadFile `bad-header`, `truncated-file`, `too-large` before the pixels are unfolded, `corrupt-data` */
export function pngParts(bytes: Uint8Array, name: string, maxBytes: number): PngParts {
  if (bytes.length < 8 || pngSignature.some((byte, at) => bytes[at] !== byte)) {
    throw badHeader(name, "does not begin as a PNG file does", "Check that it is a PNG file.");
  }
  const view = viewOf(bytes);
  let header: PngHeader | undefined;
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const packed: Uint8Array[] = [];
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) throw truncated(name, at + 12, bytes.length, "its next chunk needs");
    const length = view.getUint32(at);
    const type = ascii(bytes, at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (at + 12 + length > bytes.length)
      throw truncated(name, at + 12 + length, bytes.length, `its ${JSON.stringify(type)} chunk announces`);
    const critical = (bytes[at + 4] & 0x20) === 0;
    if (
      (critical || type === "tRNS") &&
      crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)
    ) {
      throw corrupt(name, `the checksum of its ${type} chunk at byte ${at} is wrong`);
    }
    if (header === undefined) header = pngHeader(type, body, name);
    else if (type === "PLTE") palette = paletteOf(body, header, name);
    else if (type === "tRNS") transparency = body;
    else if (type === "IDAT") packed.push(body);
    else if (type === "IEND") break;
    else if (critical)
      throw unsupported(
        name,
        `has a critical chunk ${JSON.stringify(type)} that PNG does not define`,
        "Save it again as plain PNG.",
      );
    at += 12 + length;
  }
  if (header.colorType === "palette" && palette === undefined) throw badHeader(name, "is a palette image without a palette");
  checkTransparency(header, palette, transparency, name);
  return { header, palette, transparency, scanlines: unfold(packed, header, name, maxBytes) };
}

/** Only the first 33 bytes: what the image will be, for those who need no pixels. */
function pngHeader(type: string, body: Uint8Array, name: string): PngHeader {
  if (type !== "IHDR" || body.length !== 13) throw badHeader(name, "does not begin with a 13-byte IHDR chunk");
  const view = viewOf(body);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [bitDepth, colorCode, compression, filter, interlace] = body.subarray(8);
  if (width < 1 || height < 1 || width > 2 ** 31 - 1 || height > 2 ** 31 - 1)
    throw badHeader(name, `announces ${width} × ${height} pixels`);
  const color = colorTypes[colorCode];
  if (color === undefined || !color.depths.includes(bitDepth))
    throw badHeader(name, `announces colour type ${colorCode} with ${bitDepth} bits, which PNG does not have`);
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw badHeader(
      name,
      `announces compression ${compression}, filter ${filter}, interlace ${interlace}, which PNG does not have`,
    );
  }
  return { width, height, bitDepth, colorType: color.type, interlaced: interlace === 1 };
}

function paletteOf(body: Uint8Array, { colorType, bitDepth }: PngHeader, name: string): Uint8Array {
  const most = colorType === "palette" ? 2 ** bitDepth : 256;
  if (body.length === 0 || body.length % 3 !== 0 || body.length / 3 > most) {
    throw badHeader(name, `its palette has ${body.length} bytes; 3 for each of 1 to ${most} colours are right`);
  }
  return body;
}

function checkTransparency(
  { colorType }: PngHeader,
  palette: Uint8Array | undefined,
  transparency: Uint8Array | undefined,
  name: string,
): void {
  if (transparency === undefined) return;
  const right = {
    grey: transparency.length === 2,
    rgb: transparency.length === 6,
    palette: transparency.length <= (palette?.length ?? 0) / 3,
    "grey-alpha": false,
    rgba: false,
  };
  if (!right[colorType])
    throw badHeader(name, `has a tRNS chunk of ${transparency.length} bytes, which does not fit a ${colorType} image`);
}

/** Start, step and size of the seven Adam7 passes (PNG §8.2); one pass over everything when not interlaced. */
export function passesOf({
  width,
  height,
  interlaced,
}: PngHeader): { x: number; y: number; dx: number; dy: number; width: number; height: number }[] {
  const starts = interlaced
    ? [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ]
    : [[0, 0, 1, 1]];
  return starts
    .map(([x, y, dx, dy]) => ({ x, y, dx, dy, width: Math.ceil((width - x) / dx), height: Math.ceil((height - y) / dy) }))
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Bytes of one scan line of `width` pixels, without its filter byte. */
export function lineBytes({ bitDepth, colorType }: PngHeader, width: number): number {
  return Math.ceil((width * samplesOf[colorType] * bitDepth) / 8);
}

function unfold(packed: readonly Uint8Array[], header: PngHeader, name: string, maxBytes: number): Uint8Array {
  const { width, height } = header;
  const expected = passesOf(header).reduce((sum, pass) => sum + pass.height * (1 + lineBytes(header, pass.width)), 0);
  const decoded =
    width * height * (header.colorType === "palette" ? 4 : samplesOf[header.colorType] + 1) * (header.bitDepth > 8 ? 2 : 1);
  requireWithin(name, `its image of ${width} × ${height} pixels takes`, Math.max(expected, decoded), maxBytes);
  const zlib = Buffer.concat(packed);
  // Deflate packs at best 1032 : 1, so a header may not announce more than the file could hold.
  if (expected > zlib.length * 1032)
    throw truncated(name, Math.ceil(expected / 1032), zlib.length, "of packed pixels its size needs at the least");
  const pixels = inflate(zlib, expected, name);
  if (pixels.length < expected) throw truncated(name, expected, pixels.length, "its pixels need");
  return pixels;
}

function inflate(zlib: Uint8Array, expected: number, name: string): Uint8Array {
  try {
    return inflateSync(zlib, { maxOutputLength: expected, chunkSize: Math.max(64, expected + 1) });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "Z_BUF_ERROR")
      throw new BadFile("truncated-file", name, "its packed pixels end too early", "Copy it again from the source.", {
        cause: error,
      });
    const problem =
      code === "ERR_BUFFER_TOO_LARGE"
        ? `unfolds to more than the ${expected} bytes its size needs`
        : `its packed pixels are corrupt (${(error as Error).message})`;
    throw corrupt(name, problem, error);
  }
}
