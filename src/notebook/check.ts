import { FolioError } from "../core/index.js";

/**
 * Says whether an exercise's answer is right, and when it is not, what to look at: never only "wrong".
 * An answer that is still `undefined` is an exercise not begun, not a failure, so a notebook runs through untouched.
 *
 * @param exercise what messages call it
 * @param holds    whether the answer is right
 * @param hint     for an answer that is wrong: what it shows, what to try
 * @returns the verdict, as the cell's output
 * @throws WrongAnswer when the answer is there and does not hold
 * @example check("mean of 2 and 4", 3, (x) => x === 3, (x) => `${x} is not half way.`) // "mean of 2 and 4: right."
 */
export function check<T>(exercise: string, answer: T | undefined, holds: (answer: T) => boolean, hint: (answer: T) => string): string {
  if (answer === undefined) return `${exercise}: not answered yet.`;
  if (holds(answer)) return `${exercise}: right.`;
  throw new WrongAnswer(exercise, hint(answer));
}

export class WrongAnswer extends FolioError {
  readonly code = "wrong-answer";
  constructor(
    readonly exercise: string,
    readonly hint: string,
  ) {
    super(`${exercise}: not yet. ${hint}`);
  }
}
