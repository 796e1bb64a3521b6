import { InvalidValue } from "../../core/index.js";

/** A volume seen along other axes; nothing is copied or interpolated. */
export interface TurnedVolume {
  readonly shape: readonly [number, number, number];
  /** Where voxel (i, j, k) of the turned volume lies in the data of the volume as stored, whose first axis runs fastest. */
  at(i: number, j: number, k: number): number;
}

/**
 * @param shape of the volume as stored
 * @param own to which side of the body each stored axis points, as `readNifti` says it
 * @param wanted the same for the turned volume
 * @throws InvalidValue when one of the two does not name three directions
 * @example turned([4, 5, 6], "RAS", "LPS").at(0, 0, 0) // 19: the last of the first two axes
 */
export function turned(shape: readonly number[], own: string, wanted: string): TurnedVolume {
  const strides = [1, shape[0], shape[0] * shape[1]];
  const axes = [...wanted].map((letter) => {
    const axis = [...own].findIndex((other) => body(other) === body(letter));
    if (axis < 0) throw new InvalidValue("turn a volume", `cannot be brought to ${wanted}`, own);
    const flipped = own[axis] !== letter;
    return { size: shape[axis], start: flipped ? (shape[axis] - 1) * strides[axis] : 0, step: flipped ? -strides[axis] : strides[axis] };
  });
  const start = axes.reduce((sum, axis) => sum + axis.start, 0);
  const [a, b, c] = axes;
  return { shape: [a.size, b.size, c.size], at: (i, j, k) => start + i * a.step + j * b.step + k * c.step };
}

/** Which of the three axes of the body a letter is of, -1 for none. */
const body = (letter: string): number => ["LR", "PA", "IS"].findIndex((pair) => pair.includes(letter));
