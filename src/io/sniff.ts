import { basename } from "node:path";
import { BadFile } from "../core/index.js";
import { ascii, readRange, viewOf, withFile } from "./bytes.js";
import { gunzipStart, isGzip } from "./gzip.js";
import { headerBytes, niftiVersion } from "./nifti-header.js";
import { isNpy } from "./npy.js";
import { pngSignature } from "./png-chunks.js";
import { isTorchArchive } from "./torch/archive.js";
import { isTorchLegacy } from "./torch/legacy.js";

export type FileType = "nifti" | "wav" | "png" | "jpeg" | "csv" | "npy" | "safetensors" | "torch";

export interface Sniffed {
  readonly type: FileType;
  readonly bytes: number;
  readonly gzip: boolean;
  /** When the name claims another type. */
  readonly warning?: string;
}

const extensions: readonly [RegExp, FileType][] = [
  [/\.(nii|hdr|img)(\.gz)?$/i, "nifti"],
  [/\.wave?$/i, "wav"],
  [/\.png$/i, "png"],
  [/\.jpe?g$/i, "jpeg"],
  [/\.(csv|tsv)$/i, "csv"],
  [/\.npy$/i, "npy"],
  [/\.safetensors$/i, "safetensors"],
  [/\.(pt|pth|ckpt)$/i, "torch"],
];

/**
 * What a file is, by its first bytes; its name decides only where they say nothing (a file cut short, a table).
 * @throws BadFile `not-found`, `empty`, `unknown-format` naming the format where it is a known one
 */
export async function sniff(path: string): Promise<Sniffed> {
  const { head, bytes } = await withFile(path, async (file, bytes) => ({
    head: await readRange(file, path, 0, Math.min(bytes, 65536)),
    bytes,
  }));
  const named = extensions.find(([pattern]) => pattern.test(path))?.[1];
  if (bytes === 0) throw new BadFile("empty", path, "is empty", "Copy it again from the source.");
  const gzip = isGzip(head);
  const type = gzip ? insideGzip(head, path) : contentType(head, bytes);
  if (type === undefined) {
    const known = knownFormat(gzip ? "a gzip archive" : undefined, head);
    if (named !== undefined && known === undefined) return { type: named, bytes, gzip };
    if (named === undefined && known === undefined && looksLikeTable(head)) return { type: "csv", bytes, gzip };
    if (named === "nifti" && gzip) return { type: named, bytes, gzip };
    throw unknownFormat(path, known);
  }
  const other = named !== undefined && named !== type && !(named === "nifti" && /\.img/i.test(path));
  return {
    type,
    bytes,
    gzip,
    ...(other && { warning: `the name ${basename(path)} says ${named}, its contents are ${type}` }),
  };
}

function contentType(head: Uint8Array, bytes: number): FileType | undefined {
  if (pngSignature.every((byte, at) => head[at] === byte)) return "png";
  if (ascii(head, 0, 3) === "\xff\xd8\xff") return "jpeg";
  if (["RIFF", "RIFX", "RF64", "BW64"].includes(ascii(head, 0, 4)) && ascii(head, 8, 12) === "WAVE") return "wav";
  if (isNpy(head)) return "npy";
  if (niftiVersion(head.subarray(0, headerBytes)) !== undefined) return "nifti";
  if (isTorchArchive(head) || isTorchLegacy(head)) return "torch";
  if (head.length > 8 && head[8] === 0x7b && viewOf(head).getBigUint64(0, true) <= BigInt(bytes)) return "safetensors";
  return undefined;
}

function insideGzip(head: Uint8Array, path: string): FileType | undefined {
  try {
    return niftiVersion(gunzipStart(head, headerBytes, path)) === undefined ? undefined : "nifti";
  } catch {
    return undefined;
  }
}

const magics: readonly [string, number, string][] = [
  ["GIF8", 0, "a GIF image"],
  ["BM", 0, "a BMP image"],
  ["II*\0", 0, "a TIFF image"],
  ["MM\0*", 0, "a TIFF image"],
  ["DICM", 128, "a DICOM file"],
  ["PK\x03\x04", 0, "a ZIP archive (.npz is such)"],
  ["\x89HDF", 0, "an HDF5 file"],
  ["MATLAB", 0, "a MATLAB file"],
  ["fLaC", 0, "a FLAC recording"],
  ["OggS", 0, "an Ogg recording"],
  ["ID3", 0, "an MP3 recording"],
  ["%PDF", 0, "a PDF document"],
  ["\x80\x02", 0, "a Python pickle"],
  ["\x80\x04", 0, "a Python pickle"],
  ["\x80\x05", 0, "a Python pickle"],
  ["NRRD", 0, "an NRRD image"],
];

function knownFormat(first: string | undefined, head: Uint8Array): string | undefined {
  return first ?? magics.find(([magic, at]) => ascii(head, at, at + magic.length) === magic)?.[2];
}

function unknownFormat(path: string, known: string | undefined): BadFile {
  const problem = known === undefined ? "is of no known format" : `is ${known}`;
  return new BadFile(
    "unknown-format",
    path,
    problem,
    "NIfTI, WAV, PNG, JPEG, CSV, NPY, safetensors and PyTorch files can be inspected.",
  );
}

/** Text whose first two lines hold the same number of commas, semicolons or tabs. */
function looksLikeTable(head: Uint8Array): boolean {
  if (head.includes(0)) return false;
  const [first, second] = new TextDecoder().decode(head).split(/\r?\n/);
  return [",", ";", "\t"].some((mark) => first.includes(mark) && first.split(mark).length === second?.split(mark).length);
}
