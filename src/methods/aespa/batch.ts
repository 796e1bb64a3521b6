import type { RatedCase } from "../../datasets/index.js";
import type { Tensor2D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** Pictures as the network takes them, [B, S, S, 3] in [0, 1]; no mean or deviation is taken off. */
export function imageTensor(tf: TensorFlow, cases: readonly Pick<RatedCase, "image" | "size">[]): Tensor4D {
  const [{ size }] = cases;
  const pixels = new Float32Array(cases.length * size * size * 3);
  for (const [i, { image }] of cases.entries()) pixels.set(Float32Array.from(image, (level) => level / 255), i * image.length);
  return tf.tensor4d(pixels, [cases.length, size, size, 3]);
}

/** Maps of one length as rows. → [B, pixels] */
export function rowTensor(tf: TensorFlow, rows: readonly Float32Array[]): Tensor2D {
  const length = rows[0].length;
  const values = new Float32Array(rows.length * length);
  for (const [i, row] of rows.entries()) values.set(row, i * length);
  return tf.tensor2d(values, [rows.length, length]);
}

/** Rows of a read-back [B, pixels], without copying. */
export function rowsOf(values: Float32Array, count: number): Float32Array[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, i) => values.subarray(i * length, (i + 1) * length));
}
