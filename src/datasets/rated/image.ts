import type { GeneratedMark } from "../generated/mark.js";

/** One image and what several experts drew on it, as files; nothing is read yet. */
export interface RatedImage {
  /** Unique in its dataset, stable across machines: `LIDC-IDRI-0001/z-105.0_c0`. */
  readonly id: string;
  /** Splits and intervals go by patient: slices of one are not independent. */
  readonly patient: string;
  readonly split: RatedSplit;
  readonly image: string;
  /** One file a rater, in the raters' order; undefined where a rater has none. */
  readonly masks: readonly (string | undefined)[];
  /** Multi-class masks (H×W×C): the class that counts as foreground. */
  readonly classIndex?: number;
}

export type RatedSplit = "train" | "test";

/** {@link RatedImage} read and brought to one square size. */
export interface RatedCase {
  readonly id: string;
  readonly patient: string;
  /** S: images and masks are S×S, row by row from the top. */
  readonly size: number;
  /** [S, S, 3], 0–255; divided by 255 where a network takes it. */
  readonly image: Uint8Array;
  /** R masks [S, S] of 0 and 1; all zeros for a rater without a file. */
  readonly raters: readonly Uint8Array[];
  /** Raters who drew something (after the resize). */
  readonly valid: readonly boolean[];
}

/** Something in a data folder that is not as it should be. */
export interface RatedProblem {
  /**
   * * `missing-mask`: a rater's file is not there (the image is left out where the method needs all raters)
   * * `missing-image`: masks without an image (left out)
   * * `empty-mask`: a rater drew nothing (LIDC: left out by the index rule)
   * * `stray-file`: a name that follows no rule of the layout (ignored)
   * * `unreadable`, `size`: found by reading (left out)
   * * `patient-in-both`: the same patient in train and test (kept; scores will flatter)
   * * `index-differs`: a stored index file does not select what its rule says (the rule is followed)
   */
  readonly code: "missing-mask" | "missing-image" | "empty-mask" | "stray-file" | "unreadable" | "size" | "patient-in-both" | "index-differs";
  /** Relative to the dataset's folder, with "/" between parts. */
  readonly path: string;
  readonly message: string;
}

export interface RatedDataset {
  readonly root: string;
  /** Train first, then test; within a split by patient and slice name. */
  readonly images: readonly RatedImage[];
  readonly raterCount: number;
  /** What is odd; the rest is usable all the same. */
  readonly problems: readonly RatedProblem[];
  /** Set when Folio's generator made the data; every number made from it must say so. */
  readonly generated: GeneratedMark | undefined;
}
