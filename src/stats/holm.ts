/**
 * Holm's step-down adjustment: p-values that may be compared with the family-wide level directly.
 * @param pValues p-values in [0, 1], in any order
 * @returns adjusted p-values in the same order
 * @example holm([0.01, 0.04, 0.03]) // [0.03, 0.06, 0.06]
 * @see Holm, Scandinavian Journal of Statistics 1979
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a] - pValues[b]);
  const adjusted = Array.from<number>({ length: pValues.length });
  let floor = 0;
  order.forEach((index, position) => {
    floor = Math.max(floor, Math.min(1, pValues[index] * (pValues.length - position)));
    adjusted[index] = floor;
  });
  return adjusted;
}
