import type { SentPicture } from "../../picture.js";

/** Who chose a line. */
export type Chooser = "policy" | "centre" | "equispaced" | "vds" | "random" | "you";

/** How good the picture and its segmentation were after some lines. */
export interface Standing {
  /** RV, MYO, LV of this slice; a structure that is nowhere and is not predicted counts 1. */
  readonly dice: readonly [number, number, number];
  readonly ssim: number;
}

/** What is seen after some lines. */
export interface ScanAnswer {
  readonly budget: number;
  readonly lines: readonly { readonly column: number; readonly by: Chooser }[];
  /** Of the policy, for every column; 0 where it may not be acquired. */
  readonly probabilities: readonly number[];
  readonly reconstruction: SentPicture;
  /** RV, MYO, LV as the network sees them. */
  readonly predicted: readonly SentPicture[];
  /** After 0, 1, … lines. */
  readonly standings: readonly Standing[];
}

/** A slice that was opened, and how others would fare on it with as many lines. */
export interface SliceAnswer extends ScanAnswer {
  readonly runs: readonly string[];
  readonly run: number;
  readonly slices: readonly string[];
  readonly slice: number;
  readonly mostLines: number;
  readonly size: number;
  readonly image: SentPicture;
  /** log(1 + |k|), brightest at 255. */
  readonly kspace: SentPicture;
  readonly truth: readonly SentPicture[];
  /** After 0, 1, … lines, each choosing all of them. */
  readonly policyAlone: readonly Standing[];
  readonly middleFirst: readonly Standing[];
}

/** Whether the policy looks: how many different sets of columns it takes alone on some slices. */
export interface VarietyAnswer {
  readonly run: number;
  readonly budget: number;
  readonly slices: number;
  readonly sets: number;
}
