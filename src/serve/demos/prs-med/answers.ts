import type { SentPicture } from "../../picture.js";

/** A picture that can be asked about. */
export interface PictureAnswer {
  readonly pictures: readonly string[];
  /** Index into `pictures`; −1 for one of the user's own. */
  readonly chosen: number;
  readonly picture: SentPicture;
  readonly suggestions: readonly string[];
  /** Centre lines and the circle within which a quadrant is "near the center". */
  readonly grid: SentPicture;
}

/** One piece of the question and where it was looked at from. */
export interface LookedAt {
  readonly text: string;
  readonly map: SentPicture;
}

/** What a question brings before the words of its answer come. */
export interface AskAnswer {
  readonly mask: SentPicture;
  readonly pixels: number;
  /** Where the mask lies by the rule of the labels; null when it is empty. */
  readonly maskZone: string | null;
  readonly pieces: readonly LookedAt[];
  /** Words of the question that no row of training has. */
  readonly strange: readonly string[];
}

/** The answer so far. */
export interface WordsAnswer {
  readonly text: string;
  readonly done: boolean;
  /** The zone it names so far. */
  readonly zone: string | null;
}
