import type { Random } from "../../core/index.js";
import type { RatedCase } from "../../datasets/index.js";
import type { Click } from "./click.js";

type Rated = Pick<RatedCase, "raters" | "valid" | "size">;

/**
 * What SPA's simulated user wants: a pixel is drawn, usually where raters disagree, and the raters who say the same there are
 * averaged and cut at one half (ties are foreground). Half votes round to 0, as Python rounds.
 * @see AESPA spec §4.2 (`random_click`)
 */
export function spaTarget({ raters, valid, size }: Rated, random: Random): Uint8Array {
  const drew = raters.filter((_, rater) => valid[rater]);
  const all = drew.length > 0 ? drew : raters;
  const votes = Array.from({ length: size * size }, (_, i) => all.reduce((sum, mask) => sum + mask[i], 0));
  const kinds = [...new Set(votes)].sort((a, b) => a - b);
  const disputed = kinds.filter((kind) => kind > 0 && kind < all.length);
  const kind = disputed.length > 0 && random.chance(0.8) ? random.pick(disputed) : random.pick(kinds);
  const at = random.pick(votes.flatMap((vote, i) => (vote === kind ? [i] : [])));
  const share = kind / all.length;
  const rounded = share > 0.5 ? 1 : 0;
  const label = kind === 0 || kind === all.length || random.chance(0.8) ? rounded : 1 - rounded;
  const chosen = all.filter((mask) => mask[at] === label);
  return Uint8Array.from({ length: size * size }, (_, i) => (2 * chosen.reduce((sum, mask) => sum + mask[i], 0) >= chosen.length ? 1 : 0));
}

/** SPA's first click, before any mask: a pixel that every rater marked, or, where there is none, one that nobody did. */
export function spaFirstClick({ raters, valid, size }: Rated, random: Random): Click {
  const drew = raters.filter((_, rater) => valid[rater]);
  const everyone = (label: 0 | 1): number[] => Array.from({ length: size * size }, (_, i) => i).filter((i) => drew.every((mask) => mask[i] === label));
  const inside = drew.length > 0 ? everyone(1) : [];
  const label = inside.length > 0 ? 1 : 0;
  const outside = inside.length > 0 ? inside : everyone(0);
  const at = outside.length > 0 ? random.pick(outside) : random.integer(size * size);
  return { y: Math.floor(at / size), x: at % size, label };
}
