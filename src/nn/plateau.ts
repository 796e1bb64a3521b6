/** When to halve the learning rate: PyTorch's ReduceLROnPlateau in mode `min` with a relative threshold, without cooldown. */
export interface PlateauConfig {
  readonly factor: number;
  /** Bad epochs that are forgiven; the next one lowers the rate. */
  readonly patience: number;
  readonly threshold: number;
}

export interface PlateauState {
  readonly learningRate: number;
  /** The lowest loss so far; null before the first epoch. */
  readonly best: number | null;
  readonly badEpochs: number;
}

/**
 * The state after an epoch with this mean loss. An epoch is good when loss < best·(1 − threshold); a change of the
 * rate below 1e-8 is not made.
 */
export function plateau(
  { learningRate, best, badEpochs }: PlateauState,
  loss: number,
  { factor, patience, threshold }: PlateauConfig,
): PlateauState {
  if (best === null || loss < best * (1 - threshold)) return { learningRate, best: loss, badEpochs: 0 };
  if (badEpochs < patience) return { learningRate, best, badEpochs: badEpochs + 1 };
  const lowered = learningRate * factor;
  return { learningRate: learningRate - lowered > 1e-8 ? lowered : learningRate, best, badEpochs: 0 };
}
