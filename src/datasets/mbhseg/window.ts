/** Hounsfield units shown by the brain window of the challenge: level 40, width 80. */
export const brainWindow = { low: 0, high: 80 } as const;

/**
 * CT numbers to bytes: ⌊255 · clip(HU / 80, 0, 1)⌋. Floors, so 20 HU is 63, not 64; NaN (outside the scan) is 0.
 * @example windowBytes([-10, 1, 20, 40, 79.9, 200]) // [0, 3, 63, 127, 254, 255]
 * @see AESPA spec §2.2, test vector 10
 */
export function windowBytes(hounsfield: ArrayLike<number>): Uint8Array {
  const { low, high } = brainWindow;
  return Uint8Array.from(hounsfield, (value) => Math.floor(255 * Math.min(1, Math.max(0, (value - low) / (high - low)) || 0)));
}
