import { InvalidValue, seededRandom, ShapeMismatch, type Random } from "../core/index.js";

/** What is drawn, and what must keep its share. */
export interface ResampleDesign {
  /** One name a case. Cases of one cluster (the slices of a patient, the windows of a recording) are drawn together. */
  readonly clusters?: ArrayLike<string | number>;
  /** One name a case. Every stratum (positives and negatives, say) keeps its size in every resample. */
  readonly strata?: ArrayLike<string | number | boolean>;
}

/** The units that are drawn with replacement, sorted into strata. */
export interface ResamplePlan {
  readonly cases: number;
  readonly units: number;
  /** Unit of each case, or null when every case is its own unit. */
  readonly unitOf: Int32Array | null;
  /** The units of each stratum. */
  readonly strata: readonly Int32Array[];
}

/**
 * Prepares resampling of `cases` cases.
 *
 * With clusters *and* strata, whole clusters are drawn and stratified by their composition: patients with only
 * negatives, only positives, and both. Resampling cases of one patient independently would claim more evidence
 * than there is (see DESIGN §6).
 */
export function planResamples(cases: number, { clusters, strata }: ResampleDesign = {}): ResamplePlan {
  for (const [what, list] of [
    ["clusters", clusters],
    ["strata", strata],
  ] as const) {
    if (list && list.length !== cases) throw new ShapeMismatch(what, [cases], [list.length], "Give one name a case.");
  }
  const unitOf = clusters ? numbered(clusters, cases) : null;
  const units = unitOf ? maximum(unitOf) + 1 : cases;
  if (!strata) return { cases, units, unitOf, strata: [Int32Array.from({ length: units }, (_, unit) => unit)] };
  const composition = Array.from({ length: units }, () => new Set<string>());
  for (let i = 0; i < cases; i++) composition[unitOf ? unitOf[i] : i].add(String(strata[i]));
  const members = new Map<string, number[]>();
  composition.forEach((names, unit) => {
    const key = [...names].sort().join("\u0000");
    const list = members.get(key);
    if (list) list.push(unit);
    else members.set(key, [unit]);
  });
  const sorted = [...members.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return { cases, units, unitOf, strata: sorted.map(([, list]) => Int32Array.from(list)) };
}

/**
 * Calls `visit` with the case counts of each resample: `counts[i]` says how often case i was drawn.
 * The array is reused; copy what must last.
 * @param resamples how many
 * @param seed fixes every draw; the substream is `bootstrap`
 */
export function eachResample(
  plan: ResamplePlan,
  resamples: number,
  seed: number,
  visit: (counts: Int32Array, index: number) => void,
): void {
  if (!Number.isInteger(resamples) || resamples < 1)
    throw new InvalidValue("bootstrap", "resamples must be a whole number from 1", resamples);
  const random = seededRandom(seed).stream("bootstrap");
  const draws = plan.strata.map(drawerOf);
  const drawn = new Int32Array(plan.units);
  const counts = plan.unitOf ? new Int32Array(plan.cases) : drawn;
  for (let index = 0; index < resamples; index++) {
    for (const draw of draws) draw(drawn, random);
    if (plan.unitOf) for (let i = 0; i < plan.cases; i++) counts[i] = drawn[plan.unitOf[i]];
    visit(counts, index);
  }
}

/** Draws units of one stratum, as many as it has, and adds up how often each came. */
type Draw = (drawn: Int32Array, random: Random) => void;

function drawerOf(members: Int32Array): Draw {
  const size = members.length;
  // A whole word times the size, over 2³², is a unit (Lemire); the lowest remainders are rejected so that none is favoured.
  const scale = size / 2 ** 32;
  const reject = 2 ** 32 % size;
  const words = new Uint32Array(Math.min(16384, size));
  const consecutive = members[size - 1] - members[0] === size - 1;
  const own = new Int32Array(size);
  return (drawn, random) => {
    const counts = consecutive ? drawn.subarray(members[0], members[0] + size) : own;
    counts.fill(0);
    for (let left = size; left > 0;) {
      random.fillBits(words);
      const end = Math.min(words.length, left);
      for (let k = 0; k < end; k++) {
        const word = words[k];
        if (Math.imul(word, size) >>> 0 < reject) continue;
        counts[(word * scale) | 0]++;
        left--;
      }
    }
    if (!consecutive) for (let k = 0; k < size; k++) drawn[members[k]] = counts[k];
  };
}

function numbered(names: ArrayLike<string | number>, count: number): Int32Array {
  const known = new Map<string | number, number>();
  const numbers = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    let number = known.get(names[i]);
    if (number === undefined) known.set(names[i], (number = known.size));
    numbers[i] = number;
  }
  return numbers;
}

function maximum(values: Int32Array): number {
  let max = -1;
  for (const value of values) if (value > max) max = value;
  return max;
}
