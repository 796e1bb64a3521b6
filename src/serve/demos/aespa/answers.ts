import type { RaterStanding } from "../../../methods/aespa/index.js";
import type { SentPicture } from "../../picture.js";

/** A click at a pixel of the shown picture. */
export interface UserClick {
  readonly x: number;
  readonly y: number;
  /** 1: belongs to the lesion; 0: does not. */
  readonly label: 0 | 1;
}

/** What a turn of the dialogue shows. */
export interface TurnAnswer {
  readonly clicks: readonly UserClick[];
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** 128 and more is inside the mask. */
  readonly probability: SentPicture;
  /** One a rater. */
  readonly raters: readonly RaterStanding[];
  /** Dice with each rater, after 0, 1, … clicks. */
  readonly history: readonly (readonly number[])[];
}

/** A picture that was opened, and the mask before any click. */
export interface SliceAnswer extends TurnAnswer {
  readonly name: string;
  readonly picture: SentPicture;
  readonly outlines: readonly SentPicture[];
}

export interface StartAnswer extends SliceAnswer {
  /** Pictures that can be chosen. */
  readonly slices: readonly string[];
  /** Which of them is open; −1 for one of the user's own. */
  readonly chosen: number;
}
