import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";
import type { EncodedRow } from "./text.js";

/** Pixels of many pictures as one tensor, [B, S, S, 3] of 0–255. */
export function pixelTensor(tf: TensorFlow, pictures: readonly Uint8Array[], size: number): Tensor4D {
  return tf.tensor4d(laid(pictures), [pictures.length, size, size, 3]);
}

/** [B, S, S, 1] */
export function maskTensor(tf: TensorFlow, masks: readonly ArrayLike<number>[], size: number): Tensor4D {
  return tf.tensor4d(laid(masks), [masks.length, size, size, 1]);
}

/** Rows of numbers, [B, K]. */
export function rowTensor(tf: TensorFlow, rows: readonly ArrayLike<number>[]): Tensor2D {
  return tf.tensor2d(laid(rows), [rows.length, rows[0].length]);
}

/** Rows of a table of token vectors: `table` holds [N, tokens, C] end to end. */
export function tokenTensor(tf: TensorFlow, table: Float32Array, chosen: readonly number[], tokens: number, width: number): Tensor3D {
  const size = tokens * width;
  return tf.tensor3d(laid(chosen.map((at) => table.subarray(at * size, (at + 1) * size))), [chosen.length, tokens, width]);
}

export const labelTensor = (tf: TensorFlow, labels: readonly number[]): Tensor1D => tf.tensor1d([...labels], "int32");

/** Ids [B, T] int32, target weights [B, T], question marks [B, T]. */
export function textTensors(tf: TensorFlow, rows: readonly EncodedRow[]): { ids: Tensor2D; targetWeights: Tensor2D; question: Tensor2D } {
  const shape: [number, number] = [rows.length, rows[0].ids.length];
  return {
    ids: tf.tensor2d(Int32Array.from(laid(rows.map(({ ids }) => ids))), shape, "int32"),
    targetWeights: rowTensor(tf, rows.map((row) => row.targetWeights)),
    question: rowTensor(tf, rows.map((row) => row.question)),
  };
}

function laid(parts: readonly ArrayLike<number>[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
