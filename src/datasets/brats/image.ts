import type { GeneratedMark } from "../generated/mark.js";
import type { ExtractionRecord } from "./extraction.js";

export type SliceSplit = "train" | "test";

/** One extracted slice, as files. Its only training label is whether it is healthy. */
export interface BrainSlice {
  /** `BraTS20_Training_001_72`: patient and axial index. */
  readonly id: string;
  readonly patient: string;
  readonly z: number;
  readonly split: SliceSplit;
  readonly label: "healthy" | "unhealthy";
  readonly image: string;
  /** Ground truth, for evaluation only; undefined where there is none. */
  readonly mask: string | undefined;
}

/** Something in a folder of slices that is not as it should be. */
export interface SliceProblem {
  readonly code: "missing-mask" | "stray-file" | "patient-in-both" | "unreadable" | "size" | "area" | "skipped-patient";
  /** Relative to the dataset's folder, with "/" between parts. */
  readonly path: string;
  readonly message: string;
}

export interface BrainSlices {
  readonly root: string;
  /** Which release the volumes came from, such as `BraTS20`; the folder's name where nothing says so. */
  readonly name: string;
  /** Train first; within a split by patient and axial index. */
  readonly slices: readonly BrainSlice[];
  readonly problems: readonly SliceProblem[];
  /** How the slices were made; undefined for slices that other code extracted. */
  readonly extraction: ExtractionRecord | undefined;
  /** Set when Folio's generator made the volumes; every number made from them must say so. */
  readonly generated: GeneratedMark | undefined;
}

/** A slice read: grey bytes and its mask, row by row from the top. */
export interface LoadedSlice {
  readonly slice: BrainSlice;
  readonly width: number;
  readonly height: number;
  readonly image: Uint8Array;
  /** 0 and 255. */
  readonly mask: Uint8Array | undefined;
}
