import type { GeneratedMark } from "../generated/mark.js";

export type PrsSplit = "train" | "val" | "test";

/** What a row of generated data asks for; published rows are all `single`. */
export type RowKind = "single" | "attr" | "zone";

/** One question about one picture, as files; nothing is read yet. */
export interface PrsRow {
  /** Unique: task, split and mask name, `polyp_endoscopy/test/12.png`. */
  readonly id: string;
  readonly task: string;
  readonly split: PrsSplit;
  readonly kind: RowKind;
  /** Patient, study or source picture, where known; else the id. Rows of one group stay in one split. */
  readonly group: string;
  readonly image: string;
  readonly mask: string;
  readonly question: string;
  readonly answer: string;
  /** The sentence the generator of the labels wrote. */
  readonly position: string;
  /** Class of the modality head. */
  readonly modality: number;
}

/** Something in a data folder that is not as it should be. */
export interface PrsProblem {
  /**
   * Found in the tables (the row is left out):
   * * `empty-field`: a column without a value; `bad-path`: absolute, or with ".."; `bad-split`; `unknown-task`
   * * `missing-image`, `missing-mask`: no file under any name the contract allows; `image-is-mask`: both are one file
   * * `duplicate-row`: the same mask a second time, where the data set has one question a picture
   * * `no-val`: a table without a validation split
   *
   * Found by reading (the row is kept): `empty-mask`, `mask-of-ones` (a maximum of 1, to be rescaled), `unreadable`, `size-differs`,
   * `duplicate-image` across splits, `patient-in-both`, `position-differs` (the sentence names another zone than the mask)
   */
  readonly code:
    | "empty-field" | "bad-path" | "bad-split" | "unknown-task" | "missing-image" | "missing-mask" | "image-is-mask" | "duplicate-row" | "no-val"
    | "empty-mask" | "mask-of-ones" | "unreadable" | "size-differs" | "duplicate-image" | "patient-in-both" | "position-differs";
  /** Relative to the data folder, with "/" between parts. */
  readonly path: string;
  readonly message: string;
}

export interface PrsDataset {
  readonly root: string;
  /** By task and, within one, in the order of its table. */
  readonly rows: readonly PrsRow[];
  readonly problems: readonly PrsProblem[];
  /** Set when Folio's generator made the data; every number made from it must say so. */
  readonly generated: GeneratedMark | undefined;
}
