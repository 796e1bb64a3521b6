import type { SentPicture } from "../../picture.js";

/** Which location embeddings the network gets: those it was trained with, another draw, or none at all. */
export const embeddingChoices = ["trained", "redrawn", "zero"] as const;
export type EmbeddingChoice = (typeof embeddingChoices)[number];

/** A candidate point on the slice. */
export interface PointAnswer {
  readonly x: number;
  readonly y: number;
  /** In (0, 1). */
  readonly activation: number;
}

/** What both stages make of one slice; pictures have the slice's size. */
export interface SliceAnswer {
  readonly slices: readonly string[];
  /** Which of them is open; −1 for one of the user's own. */
  readonly chosen: number;
  readonly name: string;
  readonly picture: SentPicture;
  /** Undefined where nobody has drawn one. */
  readonly truth?: SentPicture;
  /** Probability that the slice is unhealthy, by stage 1. */
  readonly unhealthy: number;
  /** 7×7, the largest value 255. */
  readonly attention: SentPicture;
  readonly heatMap: SentPicture;
  /** Corners in pixels of the slice. */
  readonly box?: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  readonly segmenter: SentPicture;
  readonly embeddings: EmbeddingChoice;
  readonly probability: SentPicture;
  readonly points: readonly PointAnswer[];
}
