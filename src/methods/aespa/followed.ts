import { dice, iou } from "../../metrics/index.js";

/** One rater beside a mask and the clicks that led to it. */
export interface RaterStanding {
  readonly dice: number;
  readonly iou: number;
  /** Clicks whose label is the rater's own at that pixel. */
  readonly agrees: number;
  /** How far the clicks speak for this rater, in [0, 1]; the raters' shares sum to 1. */
  readonly share: number;
}

/** A user's click disagrees with their own outline this often: a slip of the hand. */
const slip = 0.1;

/**
 * Whom a mask follows and for whom the clicks speak: two answers, and where they differ the mask has not followed yet.
 * The share is the posterior over raters, equally likely before the first click, each click being right with
 * probability 0.9 and independent of the others. A click on which all agree tells nothing.
 *
 * @param mask of 0 and 1; `raters` of the same length
 * @param clicks pixel positions in them, and labels
 * @example standings(mask, [cautious, generous], [{ at: 40, label: 1 }])[0] // { dice: .71, iou: .55, agrees: 0, share: .1 }
 */
export function standings(mask: Uint8Array, raters: readonly Uint8Array[], clicks: readonly { readonly at: number; readonly label: 0 | 1 }[]): RaterStanding[] {
  const agreed = raters.map((rater) => clicks.filter(({ at, label }) => rater[at] === label).length);
  const most = Math.max(0, ...agreed);
  const likelihood = agreed.map((agrees) => (slip / (1 - slip)) ** (most - agrees));
  const sum = likelihood.reduce((total, x) => total + x, 0);
  return raters.map((rater, i) => ({ dice: valueOf(dice(mask, rater, { whenBothEmpty: "one" })), iou: valueOf(iou(mask, rater, { whenBothEmpty: "one" })), agrees: agreed[i], share: likelihood[i] / sum }));
}

const valueOf = (result: ReturnType<typeof dice>): number => ("score" in result ? result.score : Number.NaN);
