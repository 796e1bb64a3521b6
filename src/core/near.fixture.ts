import assert from "node:assert/strict";
import type { CaseScore } from "./metric.js";

type Measured = number | null | undefined | CaseScore;

const numberOf = (measured: Measured): number => (typeof measured === "number" ? measured : measured && "score" in measured ? measured.score : NaN);

function check(actual: Measured, expected: number, tolerance: number, where = ""): void {
  const value = numberOf(actual);
  // Equality lets infinities through, of which the difference is NaN.
  assert.ok(value === expected || Math.abs(value - expected) <= tolerance, `${where}${typeof actual === "number" ? actual : JSON.stringify(actual)} is not within ${tolerance} of ${expected}`);
}

/**
 * A comparison for tests: fails unless the number, score or every number of a list is within `usual` of the expected one.
 * Nothing, NaN, an excluded score and a list of another length fail.
 * @example const near = within(1e-9);
 *          near(auc(scores, labels), 0.75);
 */
export const within = (usual: number) => (actual: Measured | ArrayLike<number>, expected: number | ArrayLike<number>, tolerance = usual): void => {
  if (typeof expected === "number") return check(actual as Measured, expected, tolerance);
  const values = actual as ArrayLike<number>;
  assert.equal(values.length, expected.length);
  for (let i = 0; i < expected.length; i++) check(values[i], expected[i], tolerance, `[${i}]: `);
};

/** `within`, as a share of what is expected where that is more than 1; `what` names the value in the message. */
export const withinShare = (usual: number) => (actual: Measured, expected: number, what = "", tolerance = usual): void =>
  check(actual, expected, tolerance * Math.max(1, Math.abs(expected)), what && `${what}: `);

/** `within`, of a tensor's values in row-major order. */
export const tensorWithin = (usual: number) => async (actual: { data(): Promise<ArrayLike<number>> }, expected: number | ArrayLike<number>, tolerance = usual): Promise<void> =>
  within(tolerance)(await actual.data(), typeof expected === "number" ? [expected] : expected);
