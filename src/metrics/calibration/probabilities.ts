import { InvalidValue } from "../../core/index.js";

/** @throws InvalidValue naming the first value outside [0, 1] */
export function requireProbabilities(values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] >= 0 && values[i] <= 1) continue;
    throw new InvalidValue(`probabilities[${i}]`, "a probability lies in [0, 1]", values[i], "Apply the sigmoid first.");
  }
}
