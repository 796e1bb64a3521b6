import type { GeneratedMark } from "../generated/mark.js";

/** Label values of ACDC: what a pixel with that number shows. */
export const acdcClasses = ["background", "RV", "MYO", "LV"] as const;

/** The classes that are measured; label value = index + 1. */
export const acdcStructures = ["RV", "MYO", "LV"] as const;
export type AcdcStructure = (typeof acdcStructures)[number];

export type AcdcSplit = "train" | "val" | "test";

/** End of diastole (heart filled) or of systole (heart emptied). */
export type CardiacPhase = "ED" | "ES";

/** One short-axis slice on disk. */
export interface AcdcSlice {
  /** `patient001/4` */
  readonly id: string;
  readonly patient: string;
  /** The number its files are named by. */
  readonly index: number;
  /** Slices of one 3-D image: `patient001/ED`; the patient alone where no sidecar tells more. */
  readonly volume: string;
  readonly phase: CardiacPhase | undefined;
  /** Position in its volume. */
  readonly z: number;
  /** [x, y, z] in mm; [1, 1, 1] where no sidecar tells. */
  readonly spacingMm: readonly [number, number, number];
  /** Diagnosis of the patient (NOR, MINF, DCM, HCM, RV), where known. */
  readonly group: string | undefined;
  readonly split: AcdcSplit;
  readonly image: string;
  readonly label: string;
}

/** Something odd about a dataset that does not stop it from being used. */
export interface AcdcProblem {
  readonly code: string;
  readonly path: string;
  readonly message: string;
}

export interface AcdcDataset {
  readonly root: string;
  readonly slices: readonly AcdcSlice[];
  /** Without sidecars distances can only be counted in pixels. */
  readonly spacing: "mm" | "pixels";
  readonly problems: readonly AcdcProblem[];
  readonly generated: GeneratedMark | undefined;
}

/** One slice in memory, square, at the size the networks take. */
export interface CineSlice extends Omit<AcdcSlice, "image" | "label"> {
  readonly size: number;
  /** [size, size] in [0, 1], row by row */
  readonly image: Float32Array;
  /** [size, size] of 0 background, 1 RV, 2 MYO, 3 LV */
  readonly label: Uint8Array;
}
