import type { DataArray } from "./dtype.js";

/**
 * Numbers whose first axis runs fastest (Fortran, NIfTI, MATLAB) put into the order in which the last one
 * does (C, NumPy, TensorFlow.js).
 * @example rowMajor(Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 3]) // Uint8Array [1, 3, 5, 2, 4, 6]
 */
export function rowMajor<T extends DataArray>(data: T, shape: readonly number[]): T {
  if (shape.filter((size) => size > 1).length < 2) return data;
  const ordered = (data instanceof Uint8Array ? new Uint8Array(data) : data.slice()) as T; // a Buffer's slice is no copy
  const steps = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  const index = shape.map(() => 0);
  const last = shape.length - 1;
  for (let to = 0, from = 0; to < data.length; to++) {
    ordered[to] = data[from];
    let axis = last;
    for (; axis > 0 && index[axis] === shape[axis] - 1; axis--) {
      from -= steps[axis] * index[axis];
      index[axis] = 0;
    }
    index[axis]++;
    from += steps[axis];
  }
  return ordered;
}
