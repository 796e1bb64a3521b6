import { InvalidValue } from "../../core/index.js";
import type { Mask } from "../segmentation/mask.js";
import { requireMasks } from "./set-overlap.js";

export interface StapleResult {
  /** Probability of foreground, one a voxel; the consensus mask is where it exceeds ½. */
  readonly probabilities: Float64Array;
  /** Of each rater, against the hidden truth. */
  readonly sensitivity: readonly number[];
  readonly specificity: readonly number[];
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * STAPLE consensus of binary masks: expectation–maximisation over a hidden true mask and each rater's sensitivity and
 * specificity.
 *
 * Convention: the prior is the share of foreground over all raters and all voxels given (so the field of view matters),
 * both rates start at 0.99999, as ITK's filter. Voxels on which all raters decide alike are handled together, so an
 * iteration costs the number of distinct decisions, not of voxels.
 *
 * @param raters masks of one length, ≥ 2, at most 30
 * @throws ShapeMismatch, InvalidValue
 * @see Warfield, Zou & Wells, IEEE TMI 2004
 */
export function staple(raters: readonly Mask[], { maxIterations = 1000, tolerance = 1e-10 } = {}): StapleResult {
  if (raters.length < 2 || raters.length > 30) throw new InvalidValue("staple", "2 to 30 raters are needed", raters.length);
  const voxels = requireMasks(raters);
  const pattern = new Int32Array(voxels);
  raters.forEach((rater, r) => {
    for (let i = 0; i < voxels; i++) if (rater[i]) pattern[i] |= 1 << r;
  });
  const counts = new Map<number, number>();
  for (const code of pattern) counts.set(code, (counts.get(code) ?? 0) + 1);
  const codes = [...counts.keys()];
  const decided = (code: number, rater: number): boolean => ((code >> rater) & 1) === 1;
  const marked = codes.reduce((sum, code) => sum + (counts.get(code) ?? 0) * raters.filter((_, r) => decided(code, r)).length, 0);
  const prior = marked / (voxels * raters.length);
  let sensitivity = raters.map(() => 0.99999);
  let specificity = raters.map(() => 0.99999);
  let weights = new Map<number, number>();
  let iterations = 0;
  let converged = prior === 0 || prior === 1;
  if (converged) weights = new Map(codes.map((code) => [code, prior]));
  while (!converged && iterations < maxIterations) {
    weights = new Map(
      codes.map((code) => {
        let yes = prior;
        let no = 1 - prior;
        raters.forEach((_, r) => {
          yes *= decided(code, r) ? sensitivity[r] : 1 - sensitivity[r];
          no *= decided(code, r) ? 1 - specificity[r] : specificity[r];
        });
        return [code, yes + no === 0 ? 0 : yes / (yes + no)];
      }),
    );
    const share = (rater: number, foreground: boolean): number => {
      let agreed = 0;
      let all = 0;
      for (const code of codes) {
        const weight = (foreground ? (weights.get(code) ?? 0) : 1 - (weights.get(code) ?? 0)) * (counts.get(code) ?? 0);
        all += weight;
        if (decided(code, rater) === foreground) agreed += weight;
      }
      return all === 0 ? 1 : agreed / all;
    };
    const before = [...sensitivity, ...specificity];
    sensitivity = raters.map((_, r) => share(r, true));
    specificity = raters.map((_, r) => share(r, false));
    converged = [...sensitivity, ...specificity].every((value, k) => Math.abs(value - before[k]) < tolerance);
    iterations++;
  }
  const probabilities = Float64Array.from(pattern, (code) => weights.get(code) ?? 0);
  return { probabilities, sensitivity, specificity, iterations, converged };
}
