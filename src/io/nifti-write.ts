import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { InvalidValue, ShapeMismatch, writeFileAtomic } from "../core/index.js";
import { viewOf } from "./bytes.js";
import { bytesPer, dtypeOf, storedBytes, type DataArray } from "./dtype.js";
import { nearestRotation, quaternionFrom, voxelSizes, type Affine } from "./nifti-affine.js";
import { niftiTypes, type NiftiDtype } from "./nifti-types.js";
import { converted } from "./convert.js";

export interface NiftiInput {
  /** The first axis running fastest. */
  readonly data: DataArray | readonly number[];
  /** 1 to 7 sizes. */
  readonly shape: readonly number[];
  /** Voxel indices → world, mm. Unless given, from `spacingMm`, with the first voxel at 0 and the axes pointing RAS. */
  readonly affine?: Affine;
  /** [1, 1, 1] unless given. Not both this and `affine`. */
  readonly spacingMm?: readonly number[];
  /** How to store the numbers; unless given as the array has them, a plain array as float32. */
  readonly dtype?: NiftiDtype;
  /** Step along the fourth axis, s. */
  readonly stepSeconds?: number;
  /** Up to 79 bytes. */
  readonly description?: string;
}

/**
 * Writes a NIfTI image, atomically: packed when the path ends in `.gz`. NIfTI-1 unless a side is longer than it can say.
 * The numbers are stored unscaled; one that an integer `dtype` cannot hold (a fraction, or 300 as uint8) is an error,
 * never a changed value. The sform is the affine; the qform too, where the affine has no shear.
 *
 * @throws InvalidValue, ShapeMismatch
 * @example await writeNifti("mask.nii.gz", { data: mask, shape: [124, 160, 140], affine: scan.affine, dtype: "uint8" })
 */
export async function writeNifti(path: string, input: NiftiInput): Promise<void> {
  const bytes = encodeNifti(input);
  await writeFileAtomic(path, /\.gz$/i.test(path) ? await promisify(gzip)(bytes, { level: 4 }) : bytes);
}

/** {@link writeNifti} to the bytes of a `.nii`. */
export function encodeNifti({
  data,
  shape,
  affine,
  spacingMm,
  dtype,
  stepSeconds = 1,
  description = "",
}: NiftiInput): Uint8Array {
  const wanted = dtype ?? (Array.isArray(data) ? "float32" : dtypeOf(data as DataArray));
  const type = niftiTypes.find((type) => type.dtype === wanted);
  if (type === undefined)
    throw new InvalidValue(
      "writeNifti",
      "dtype must be one NIfTI has",
      wanted,
      `Use one of ${niftiTypes.map((type) => type.dtype).join(", ")}.`,
    );
  if (shape.length < 1 || shape.length > 7 || !shape.every((size) => Number.isSafeInteger(size) && size >= 1)) {
    throw new InvalidValue("writeNifti", "the shape must be 1 to 7 whole numbers from 1", shape);
  }
  const count = shape.reduce((product, size) => product * size, type.components);
  if (data.length !== count)
    throw new ShapeMismatch("writeNifti: data", [...shape, type.components], [data.length], "Check the shape.");
  const world = affine ?? diagonal(spacingMm ?? [1, 1, 1]);
  if (affine !== undefined && spacingMm !== undefined)
    throw new InvalidValue("writeNifti", "give affine or spacingMm, not both", spacingMm);
  if (world.length !== 4 || world.some((row) => row.length !== 4 || !row.every(Number.isFinite))) {
    throw new InvalidValue("writeNifti", "the affine must be 4 × 4 finite numbers", world);
  }
  const voxels = storedBytes(converted(data, type.part, "writeNifti"));
  const version = shape.every((size) => size <= 32767) ? 1 : 2;
  const dataStart = version === 1 ? 352 : 544;
  const file = new Uint8Array(dataStart + voxels.length);
  file.set(voxels, dataStart);
  const fields = {
    shape,
    affine: world,
    code: type.code,
    bits: 8 * bytesPer[type.part] * type.components,
    stepSeconds,
    description,
    dataStart,
  };
  writeHeader(file, version, fields);
  return file;
}

interface Fields {
  readonly shape: readonly number[];
  readonly affine: Affine;
  readonly code: number;
  readonly bits: number;
  readonly stepSeconds: number;
  readonly description: string;
  readonly dataStart: number;
}

/** Where each field is and how wide: nifti1.h, nifti2.h. */
const places = {
  1: {
    dim: 40,
    type: 70,
    pixdim: 76,
    offset: 108,
    slope: 112,
    units: 123,
    description: 148,
    codes: 252,
    quaternion: 256,
    srow: 280,
    magic: 344,
  },
  2: {
    dim: 16,
    type: 12,
    pixdim: 104,
    offset: 168,
    slope: 176,
    units: 500,
    description: 240,
    codes: 344,
    quaternion: 352,
    srow: 400,
    magic: 4,
  },
} as const;

function writeHeader(
  file: Uint8Array,
  version: 1 | 2,
  { shape, affine, code, bits, stepSeconds, description, dataStart }: Fields,
): void {
  const view = viewOf(file);
  const at = places[version];
  const [real, step] = version === 1 ? [view.setFloat32.bind(view), 4] : [view.setFloat64.bind(view), 8];
  const reals = (start: number, numbers: readonly number[]): void =>
    numbers.forEach((number, i) => real(start + i * step, number, true));
  const code16or32 = (start: number, value: number): void =>
    version === 1 ? view.setInt16(start, value, true) : view.setInt32(start, value, true);
  view.setInt32(0, version === 1 ? 348 : 540, true);
  [shape.length, ...shape, ...Array.from({ length: 7 - shape.length }, () => 1)].forEach((size, i) => {
    if (version === 1) view.setInt16(at.dim + 2 * i, size, true);
    else view.setBigInt64(at.dim + 8 * i, BigInt(size), true);
  });
  view.setInt16(at.type, code, true);
  view.setInt16(at.type + 2, bits, true);
  const { bcd, offset, qfac } = quaternionFrom(affine);
  reals(at.pixdim, [qfac, ...voxelSizes(affine), stepSeconds, 1, 1, 1]);
  if (version === 1) view.setFloat32(at.offset, dataStart, true);
  else view.setBigInt64(at.offset, BigInt(dataStart), true);
  reals(at.slope, [1, 0]);
  view.setUint8(at.units, 2 | 8); // mm and s
  file.set(new TextEncoder().encode(description).subarray(0, 79), at.description);
  code16or32(at.codes, isRigid(affine) ? 2 : 0); // 2: aligned to some other scan, the weakest claim
  code16or32(at.codes + (version === 1 ? 2 : 4), 2);
  reals(at.quaternion, [...bcd, ...offset]);
  reals(at.srow, affine.slice(0, 3).flat());
  file.set(version === 1 ? [0x6e, 0x2b, 0x31, 0] : [0x6e, 0x2b, 0x32, 0, 0x0d, 0x0a, 0x1a, 0x0a], at.magic);
}

/** Whether a rotation, voxel sizes and a shift say all an affine says: then the qform can hold it. */
function isRigid(affine: Affine): boolean {
  const sizes = voxelSizes(affine);
  const rotation = nearestRotation(affine);
  return rotation.every((row, i) =>
    row.every((value, axis) => Math.abs(value * sizes[axis] - affine[i][axis]) <= 1e-5 * sizes[axis]),
  );
}

function diagonal(spacing: readonly number[]): Affine {
  if (spacing.length !== 3 || !spacing.every((size) => Number.isFinite(size) && size > 0)) {
    throw new InvalidValue("writeNifti", "spacingMm must be three numbers above 0", spacing);
  }
  return [[spacing[0], 0, 0, 0], [0, spacing[1], 0, 0], [0, 0, spacing[2], 0], [0, 0, 0, 1]]; // prettier-ignore
}
