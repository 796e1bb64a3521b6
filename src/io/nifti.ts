import { access } from "node:fs/promises";
import { BadFile } from "../core/index.js";
import { defaultMaxBytes, readBytes, readRange, withFile, type ReadLimits } from "./bytes.js";
import { storedArray, type NumberArray } from "./dtype.js";
import { gunzipExactly, gunzipStart, isGzip } from "./gzip.js";
import { headerBytes, parseNiftiHeader, type NiftiLayout } from "./nifti-header.js";
import type { NiftiHeader } from "./nifti-types.js";
import { requireWithin, truncated } from "./problems.js";

export interface Nifti extends NiftiHeader {
  /**
   * One number a voxel (`components` for complex numbers and colours), the first axis running fastest: the voxel
   * (i, j, k) of shape [nx, ny, nz] is at i + nx · (j + ny · k).
   */
  readonly data: NumberArray;
}

export interface NiftiOptions extends ReadLimits {
  /**
   * `scaled` values = slope · stored + inter where the header says so, `stored` numbers as they are. `scaled` unless given.
   * 64-bit integers come as float64 either way, rounded beyond 2⁵³ as nibabel's get_fdata rounds them.
   */
  readonly values?: "scaled" | "stored";
  /** Scaled values as float32 or float64; unless given, float32 for what is stored in 16 bits or fewer or as float32. */
  readonly precision?: "float32" | "float64";
}

/**
 * Reads a NIfTI-1 or NIfTI-2 image: `.nii`, `.nii.gz`, or a `.hdr`/`.img` pair (either name), in either byte order,
 * of every type but binary and the 128-bit floats. What the header announces is checked before memory is taken;
 * a gzip stream's checksum is verified.
 *
 * @throws BadFile `not-found`, `bad-header`, `truncated-file`, `corrupt-data`, `unsupported`, `too-large`
 * @example const { shape, spacingMm, orientation, data } = await readNifti("FLAIR.nii.gz"); // [124, 160, 140], [1, 1, 1], "RAS"
 */
export async function readNifti(path: string, options: NiftiOptions = {}): Promise<Nifti> {
  const { maxBytes = defaultMaxBytes } = options;
  return withNifti(path, maxBytes, async ({ layout, bytes }) => {
    requireWithin(path, "its voxels take", layout.dataBytes, maxBytes);
    return { ...layout.header, data: values(await bytes(), layout, options) };
  });
}

/** The header alone, without reading the voxels. @throws BadFile as {@link readNifti} */
export async function readNiftiHeader(path: string, { maxBytes = defaultMaxBytes }: ReadLimits = {}): Promise<NiftiHeader> {
  return withNifti(path, maxBytes, async ({ layout }) => layout.header);
}

interface OpenNifti {
  readonly layout: NiftiLayout;
  /** Exactly the voxels' bytes. */
  readonly bytes: () => Promise<Uint8Array>;
}

async function withNifti<T>(path: string, maxBytes: number, use: (nifti: OpenNifti) => Promise<T>): Promise<T> {
  const source = /\.img(\.gz)?$/i.test(path) ? await neighbour(path, "hdr") : path;
  return withFile(source, async (file, size) => {
    const start = await readRange(file, source, 0, Math.min(size, headerBytes));
    if (isGzip(start)) {
      const packed = await readBytes(source, { maxBytes });
      const layout = parseNiftiHeader(gunzipStart(packed, headerBytes, source), source);
      if (layout.pair) return use({ layout, bytes: async () => voxelsOfPair(source, layout, maxBytes) });
      const { dataStart, dataBytes } = layout;
      return use({
        layout,
        bytes: async () => (await gunzipExactly(packed, dataStart + dataBytes, source, maxBytes)).subarray(dataStart),
      });
    }
    const layout = parseNiftiHeader(start, source);
    if (layout.pair) return use({ layout, bytes: async () => voxelsOfPair(source, layout, maxBytes) });
    const end = layout.dataStart + layout.dataBytes;
    if (end > size) throw truncated(source, end, size);
    return use({ layout, bytes: async () => readRange(file, source, layout.dataStart, layout.dataBytes) });
  });
}

async function voxelsOfPair(header: string, { dataStart, dataBytes }: NiftiLayout, maxBytes: number): Promise<Uint8Array> {
  const image = await neighbour(header, "img");
  const end = dataStart + dataBytes;
  const bytes = await readBytes(image, { maxBytes });
  const plain = isGzip(bytes) ? await gunzipExactly(bytes, end, image, maxBytes) : bytes;
  if (plain.length < end) throw truncated(image, end, plain.length, `the header ${header} announces`);
  return plain.subarray(dataStart, end);
}

/** The other file of a pair, packed or not. */
async function neighbour(path: string, extension: "hdr" | "img"): Promise<string> {
  const stem = path.replace(/\.(hdr|img)(\.gz)?$/i, "");
  for (const candidate of [`${stem}.${extension}`, `${stem}.${extension}.gz`]) {
    const there = await access(candidate).then(() => true, () => false); // prettier-ignore
    if (there && candidate !== path) return candidate;
  }
  throw new BadFile(
    "not-found",
    path,
    `is half of a pair, and there is no ${stem}.${extension}`,
    "Put both files into one folder.",
  );
}

function values(
  bytes: Uint8Array,
  { header, type }: NiftiLayout,
  { values = "scaled", precision }: NiftiOptions,
): NumberArray {
  const stored = storedArray(bytes, type.part, header.littleEndian);
  const numbers = stored instanceof BigInt64Array || stored instanceof BigUint64Array ? asFloat64(stored) : stored;
  if (values === "stored" || header.scaling === null) return numbers;
  const { slope, inter } = header.scaling;
  const exact = precision ?? (stored.BYTES_PER_ELEMENT <= 2 || type.part === "float32" ? "float32" : "float64");
  const scaled = exact === "float32" ? new Float32Array(numbers.length) : new Float64Array(numbers.length);
  const step = type.components; // the intercept of a complex number is real
  for (let i = 0; i < numbers.length; i++) scaled[i] = slope * numbers[i] + (i % step === 0 ? inter : 0);
  return scaled;
}

function asFloat64(integers: BigInt64Array | BigUint64Array): Float64Array {
  const numbers = new Float64Array(integers.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = Number(integers[i]);
  return numbers;
}
