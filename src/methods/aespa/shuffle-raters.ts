import type { Random } from "../../core/index.js";
import type { RatedCase } from "../../datasets/index.js";

/**
 * The same slices with the raters in another order on each: "rater 1" is nobody any more. AESPA infers a preference from
 * one image's clicks and never from a person's number, so it should not notice (spec §9, ablation 5).
 */
export function shuffleRaters(cases: readonly RatedCase[], random: Random): RatedCase[] {
  return cases.map((each) => {
    const order = [...random.stream(each.id).permutation(each.raters.length)];
    return { ...each, raters: order.map((rater) => each.raters[rater]), valid: order.map((rater) => each.valid[rater]) };
  });
}
