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
  for (const [what, list] of [["clusters", clusters], ["strata", strata]] as const) {
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
export function eachResample(plan: ResamplePlan, resamples: number, seed: number, visit: (counts: Int32Array, index: number) => void): void {
  if (!Number.isInteger(resamples) || resamples < 1) throw new InvalidValue("bootstrap", "resamples must be a whole number from 1", resamples);
  const random = seededRandom(seed).stream("bootstrap");
  const drawn = new Int32Array(plan.units);
  const counts = plan.unitOf ? new Int32Array(plan.cases) : drawn;
  for (let index = 0; index < resamples; index++) {
    drawn.fill(0);
    for (const members of plan.strata) drawWithReplacement(members, drawn, random);
    if (plan.unitOf) for (let i = 0; i < plan.cases; i++) counts[i] = drawn[plan.unitOf[i]];
    visit(counts, index);
  }
}

// Lemire's multiply-and-shift with rejection: unbiased, and two draws from one 32-bit word for small strata.
function drawWithReplacement(members: Int32Array, drawn: Int32Array, random: Random): void {
  const size = members.length;
  if (size > 65536) {
    for (let k = 0; k < size; k++) drawn[members[random.integer(size)]]++;
    return;
  }
  const reject = 65536 % size;
  let left = size;
  while (left > 0) {
    const bits = random.bits();
    const first = (bits & 0xffff) * size;
    if ((first & 0xffff) >= reject) {
      drawn[members[first >>> 16]]++;
      left--;
    }
    const second = (bits >>> 16) * size;
    if (left > 0 && (second & 0xffff) >= reject) {
      drawn[members[second >>> 16]]++;
      left--;
    }
  }
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
