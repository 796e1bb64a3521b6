import type { Dtype } from "./dtype.js";
import type { Affine, Triple } from "./nifti-affine.js";

export type NiftiDtype = Exclude<Dtype, "bool" | "float16" | "bfloat16"> | "complex64" | "complex128" | "rgb24" | "rgba32";

export interface NiftiHeader {
  readonly version: 1 | 2;
  /** 1 to 7 sizes, the fastest running axis first. */
  readonly shape: readonly number[];
  /** As stored in the file. */
  readonly dtype: NiftiDtype;
  /** Numbers a voxel: 1, 2 for complex numbers, 3 or 4 for colours. */
  readonly components: 1 | 2 | 3 | 4;
  /** Size of a voxel along its three axes, in mm. */
  readonly spacingMm: Triple;
  /** Header's step along every axis of `shape`, in the header's own units (nibabel's get_zooms). */
  readonly zooms: readonly number[];
  /** Voxel indices → world, in the header's units, x to the right, y to the front, z up (nibabel's get_best_affine). */
  readonly affine: Affine;
  /** Which part of the header the affine comes from. */
  readonly affineFrom: "sform" | "qform" | "zooms";
  /** To which side each voxel axis points: "RAS", "LPS" … */
  readonly orientation: string;
  readonly units: NiftiUnits;
  /** What turns stored numbers into values, value = slope · stored + inter; null when the header asks for none. */
  readonly scaling: { readonly slope: number; readonly inter: number } | null;
  readonly littleEndian: boolean;
  readonly description: string;
  /** Where the header contradicts itself without harm to the voxels; one line each. */
  readonly warnings: readonly string[];
}

export interface NiftiUnits {
  readonly space: "m" | "mm" | "um" | "unknown";
  readonly time: "s" | "ms" | "us" | "Hz" | "ppm" | "rad/s" | "unknown";
}

export interface NiftiType {
  readonly dtype: NiftiDtype;
  readonly code: number;
  /** The type of one component … */
  readonly part: Dtype;
  /** … and how many make a voxel: 1, 2 for complex numbers, 3 or 4 for colours. */
  readonly components: 1 | 2 | 3 | 4;
}

const type = (code: number, dtype: NiftiDtype, part: Dtype = dtype as Dtype, components: 1 | 2 | 3 | 4 = 1): NiftiType => ({
  dtype,
  code,
  part,
  components,
});

export const niftiTypes: readonly NiftiType[] = [
  type(2, "uint8"),
  type(4, "int16"),
  type(8, "int32"),
  type(16, "float32"),
  type(32, "complex64", "float32", 2),
  type(64, "float64"),
  type(128, "rgb24", "uint8", 3),
  type(256, "int8"),
  type(512, "uint16"),
  type(768, "uint32"),
  type(1024, "int64"),
  type(1280, "uint64"),
  type(1792, "complex128", "float64", 2),
  type(2304, "rgba32", "uint8", 4),
];

/** Types the format has but nobody stores voxels in, so that an error can name them. */
export const unreadTypes: Readonly<Record<number, string | undefined>> = {
  0: "unknown",
  1: "binary (1 bit)",
  1536: "float128",
  2048: "complex256",
};
