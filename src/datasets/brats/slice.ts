/** Which slices are taken and what they are called. Published values: 15 and 200 on volumes of 240×240×155. */
export interface SliceRules {
  /** Slices left out at the bottom and at the top. */
  readonly margin: number;
  /** A slice with more mask pixels is unhealthy; with some but not more it is ambiguous and dropped. */
  readonly minLesionArea: number;
}

export const publishedRules: SliceRules = { margin: 15, minLesionArea: 200 };

export type SliceKind = "healthy" | "unhealthy" | "ambiguous";

/** @example sliceKind(0, { margin: 15, minLesionArea: 200 }) // "healthy" */
export function sliceKind(lesionArea: number, { minLesionArea }: SliceRules): SliceKind {
  if (lesionArea === 0) return "healthy";
  return lesionArea > minLesionArea ? "unhealthy" : "ambiguous";
}

/** Axial indices from `margin` to depth − 1 − `margin`, both included. */
export function slicesOf(depth: number, { margin }: SliceRules): number[] {
  return Array.from({ length: Math.max(0, depth - 2 * margin) }, (_, i) => margin + i);
}

/** Volume data, the first axis running fastest. */
export interface VolumeData {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

/**
 * Axial slice z as rows along the volume's first axis, columns along its second: no rotation, no transpose.
 * @param channel along the fourth axis
 */
export function axialSlice({ data, shape: [height, width, depth] }: VolumeData, z: number, channel = 0): Float64Array {
  const values = new Float64Array(height * width);
  const start = height * width * (z + depth * channel);
  for (let row = 0; row < height; row++) for (let column = 0; column < width; column++) values[row * width + column] = data[start + row + height * column];
  return values;
}

/**
 * A slice to bytes by its own minimum and maximum, truncating: the brightest pixel becomes 254.
 * @example sliceBytes([0, 10, 25, 40]) // [0, 63, 159, 254]
 * @see RASALoRE spec §2.2, test vector 2
 */
export function sliceBytes(values: ArrayLike<number>): Uint8Array {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return Uint8Array.from({ length: values.length }, (_, i) => Math.trunc(((values[i] - low) / (high - low + 1e-8)) * 255));
}
