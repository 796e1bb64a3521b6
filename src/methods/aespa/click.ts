import type { Random } from "../../core/index.js";
import type { RatedCase } from "../../datasets/index.js";

/** What a user says: this pixel belongs to my mask, or does not. */
export interface Click {
  readonly y: number;
  readonly x: number;
  readonly label: 0 | 1;
}

/** A simulated user's next click and the rater who made it. */
export interface SimulatedClick extends Click {
  readonly rater: number;
}

/**
 * Who clicks next: the same rater with probability `keep`, else another one who drew something, each alike. Where no
 * rater drew anything all are alike.
 */
export function nextRater(valid: readonly boolean[], previous: number | undefined, keep: number, random: Random): number {
  const drew = valid.flatMap((each, rater) => (each ? [rater] : []));
  const candidates = drew.length > 0 ? drew : valid.map((_, rater) => rater);
  if (previous === undefined || !candidates.includes(previous)) return random.pick(candidates);
  const others = candidates.filter((rater) => rater !== previous);
  return others.length === 0 || random.chance(keep) ? previous : random.pick(others);
}

/**
 * Clicks where the mask is most wrong for a rater: one of the `count` pixels with the largest |probability − mask|,
 * labelled as the rater has it.
 * @param probability [S, S] in [0, 1]
 */
export function simulateClick(probability: ArrayLike<number>, mask: Uint8Array, size: number, count: number, random: Random): Click {
  const at = random.pick(largest(mask.length, (i) => Math.abs(probability[i] - mask[i]), count));
  return { y: Math.floor(at / size), x: at % size, label: mask[at] === 1 ? 1 : 0 };
}

/** Positions of the `count` largest values, largest first; of equal ones the first. */
export function largest(length: number, value: (i: number) => number, count: number): number[] {
  const kept: { at: number; value: number }[] = [];
  for (let at = 0; at < length; at++) {
    const own = value(at);
    if (kept.length === count && own <= kept[count - 1].value) continue;
    let place = kept.length;
    while (place > 0 && kept[place - 1].value < own) place--;
    kept.splice(place, 0, { at, value: own });
    if (kept.length > count) kept.pop();
  }
  return kept.map(({ at }) => at);
}

/**
 * The next target: the mean of the masks of those valid raters who agree with the click.
 * @returns [S, S] in [0, 1]; zeros where nobody agrees
 * @see AESPA spec §4.1, test vector 12
 */
export function agreementTarget({ raters, valid, size }: Pick<RatedCase, "raters" | "valid" | "size">, { y, x, label }: Click): Float32Array {
  const at = y * size + x;
  return meanMask(raters.filter((mask, rater) => valid[rater] && mask[at] === label), size * size);
}

/** The target before any click. */
export function firstTarget({ raters, valid, size }: Pick<RatedCase, "raters" | "valid" | "size">, over: "all-raters" | "valid-raters"): Float32Array {
  return meanMask(over === "all-raters" ? raters : raters.filter((_, rater) => valid[rater]), size * size);
}

function meanMask(masks: readonly Uint8Array[], length: number): Float32Array {
  const mean = new Float32Array(length);
  for (const mask of masks) for (let i = 0; i < length; i++) mean[i] += mask[i] / masks.length;
  return mean;
}
