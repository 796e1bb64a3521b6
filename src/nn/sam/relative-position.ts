import { interpolationMatrix } from "../interpolate.js";
import type { Rank, Tensor2D, Tensor3D, Tensor4D, TensorFlow, Variable } from "../tensorflow.js";

/**
 * Decomposed relative positions: scores += q·R_h[Δy] + q·R_w[Δx] with q before its scaling.
 * @param q [B, H, n·n, d], row-major over an n×n map
 * @param tableY [2n − 1, d]; row n − 1 is distance 0
 * @returns [B, H, n·n, n·n]
 * @see Li et al., MViTv2, 2022, §4.1; SAM `add_decomposed_rel_pos`
 */
export function relativePositionBias(tf: TensorFlow, q: Tensor4D, tableY: Variable<Rank.R2>, tableX: Variable<Rank.R2>): Tensor4D {
  const [batch, heads, tokens, depth] = q.shape;
  const side = Math.round(Math.sqrt(tokens));
  const rows = batch * heads;
  const distances = tf.tensor2d(distanceRows(side), [side * side, 2 * side - 1]);
  const byY = tf.matMul(distances, tableY as Tensor2D).reshape<Tensor3D>([side, side, depth]); // [y, y′, d]
  const byX = tf.matMul(distances, tableX as Tensor2D).reshape<Tensor3D>([side, side, depth]); // [x, x′, d]
  const map = q.reshape<Tensor4D>([rows, side, side, depth]);
  const queryY = map.transpose([1, 0, 2, 3]).reshape<Tensor3D>([side, rows * side, depth]); // [y, B·H·x, d]
  const queryX = map.transpose([2, 0, 1, 3]).reshape<Tensor3D>([side, rows * side, depth]); // [x, B·H·y, d]
  const scoreY = tf.matMul(queryY, byY, false, true).reshape<Tensor4D>([side, rows, side, side]).transpose([1, 0, 2, 3]); // [B·H, y, x, y′]
  const scoreX = tf.matMul(queryX, byX, false, true).reshape<Tensor4D>([side, rows, side, side]).transpose([1, 2, 0, 3]); // [B·H, y, x, x′]
  return scoreY
    .reshape([rows, tokens, side, 1])
    .add(scoreX.reshape([rows, tokens, 1, side])) // [B·H, n·n, y′, x′]
    .reshape([batch, heads, tokens, tokens]);
}

/** One row of 2n − 1 a pair (i, j), with a 1 at i − j + n − 1: a gather as a matrix product. */
function distanceRows(side: number): Float32Array {
  const width = 2 * side - 1;
  const rows = new Float32Array(side * side * width);
  for (let i = 0; i < side; i++) for (let j = 0; j < side; j++) rows[(i * side + j) * width + i - j + side - 1] = 1;
  return rows;
}

/**
 * A table of another length: linear interpolation along its rows, ends not aligned, as SAM's `get_rel_pos` does.
 * @param table [from, d], row by row
 * @returns [to, d]
 */
export function resizeRows(table: Float32Array, from: number, to: number): Float32Array {
  const depth = table.length / from;
  const matrix = interpolationMatrix(from, to, "bilinear");
  const out = new Float32Array(to * depth);
  for (let i = 0; i < to; i++) {
    for (let j = 0; j < from; j++) {
      const weight = matrix[i * from + j];
      if (weight === 0) continue;
      for (let d = 0; d < depth; d++) out[i * depth + d] += weight * table[j * depth + d];
    }
  }
  return out;
}
