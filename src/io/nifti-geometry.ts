import type { NIFTI1, NIFTI2 } from "nifti-reader-js";
import { viewOf } from "./bytes.js";
import { affineFromQuaternion, centredAffine, orientationOf, voxelSizes, type Affine, type Triple } from "./nifti-affine.js";
import type { NiftiHeader } from "./nifti-types.js";
import { badHeader } from "./problems.js";

type Geometry = Pick<NiftiHeader, "spacingMm" | "zooms" | "affine" | "affineFrom" | "orientation" | "units">;

/** A header taken apart, and its bytes. */
interface RawHeader {
  readonly raw: NIFTI1 | NIFTI2;
  readonly bytes: Uint8Array;
  readonly version: 1 | 2;
  readonly shape: readonly number[];
  readonly name: string;
}

/** Where the voxels lie in the world; what is odd but harmless is added to `warnings`. */
export function geometryFrom(header: RawHeader, warnings: string[]): Geometry {
  const { raw, shape, name } = header;
  const [, ...steps] = raw.pixDims.slice(0, 4);
  if (!steps.every(Number.isFinite)) throw badHeader(name, `announces voxels of ${steps.join(" × ")}`);
  const [dx, dy, dz] = steps.map((step) => Math.abs(step) || 1); // nibabel's repair: |step|, and 1 for 0
  const zooms: Triple = [dx, dy, dz];
  const { affine, affineFrom } = affineOf(header, zooms);
  if (!affine.flat().every(Number.isFinite)) throw badHeader(name, `its ${affineFrom} holds numbers that are not finite`);
  const units = unitsFrom(raw.xyzt_units);
  const toMm = { m: 1000, mm: 1, um: 0.001, unknown: 1 }[units.space];
  const sizes = voxelSizes(affine);
  const differ = sizes.some((size, axis) => Math.abs(size - zooms[axis]) > 1e-3 * zooms[axis]);
  const spacing = differ ? sizes.map((size, axis) => size || zooms[axis]) : zooms;
  if (differ) {
    const both = `pixdim says voxels of ${text(zooms)}, the ${affineFrom} ${text(sizes)}`;
    warnings.push(`${both}; spacingMm is ${text(spacing)}`);
  }
  return {
    spacingMm: [spacing[0] * toMm, spacing[1] * toMm, spacing[2] * toMm],
    zooms: shape.map((_, axis) => (axis < 3 ? zooms[axis] : raw.pixDims[axis + 1])),
    affine,
    affineFrom,
    orientation: orientationOf(affine),
    units,
  };
}

function affineOf({ raw, bytes, version, shape, name }: RawHeader, zooms: Triple): Pick<Geometry, "affine" | "affineFrom"> {
  if (raw.sform_code !== 0) return { affine: sform(bytes, version, raw.littleEndian), affineFrom: "sform" };
  if (raw.qform_code === 0) return { affine: centredAffine(shape, zooms), affineFrom: "zooms" };
  const bcd: Triple = [raw.quatern_b, raw.quatern_c, raw.quatern_d];
  const offset: Triple = [raw.qoffset_x, raw.qoffset_y, raw.qoffset_z];
  const threshold = 3 * (version === 1 ? 2 ** -23 : Number.EPSILON);
  const affine = affineFromQuaternion({ bcd, offset, qfac: raw.pixDims[0] === -1 ? -1 : 1 }, zooms, threshold);
  if (affine === undefined) throw badHeader(name, `its qform (${bcd.join(", ")}) is no rotation`);
  return { affine, affineFrom: "qform" };
}

/** Read here because the parser keeps it only where sform_code ≥ qform_code. */
function sform(bytes: Uint8Array, version: 1 | 2, littleEndian: boolean): Affine {
  const view = viewOf(bytes);
  const at = (index: number): number =>
    version === 1 ? view.getFloat32(280 + 4 * index, littleEndian) : view.getFloat64(400 + 8 * index, littleEndian);
  return [...[0, 4, 8].map((start) => [0, 1, 2, 3].map((column) => at(start + column))), [0, 0, 0, 1]];
}

function unitsFrom(code: number): NiftiHeader["units"] {
  const space = ({ 1: "m", 2: "mm", 3: "um" } as const)[code & 7] ?? "unknown";
  const time = ({ 8: "s", 16: "ms", 24: "us", 32: "Hz", 40: "ppm", 48: "rad/s" } as const)[code & 56] ?? "unknown";
  return { space, time };
}

const text = (numbers: readonly number[]): string => numbers.map((number) => Number(number.toPrecision(6))).join(" × ");
