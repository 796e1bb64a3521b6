import { InvalidValue } from "../core/index.js";
import type { Tensor2D, Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** As PyTorch's `interpolate(mode)` without antialias: align_corners=true for `bilinear-corners`, false for the others; bicubic has a = −0.75. */
export type Interpolation = "nearest" | "bilinear" | "bilinear-corners" | "bicubic";

/**
 * The matrix [to, from] that resizes one axis: row i holds the weights of the source points for target point i.
 * @example interpolationMatrix(2, 4, "bilinear") // rows [1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]
 * @see PyTorch 1.13, ATen/native/UpSample.h
 */
export function interpolationMatrix(from: number, to: number, mode: Interpolation): Float32Array {
  if (!(from >= 1 && to >= 1)) throw new InvalidValue("interpolationMatrix", "both sizes must be at least 1", [from, to]);
  const matrix = new Float32Array(to * from);
  const add = (row: number, at: number, weight: number): void => {
    matrix[row * from + Math.min(from - 1, Math.max(0, at))] += weight;
  };
  for (let i = 0; i < to; i++) {
    const centre = mode === "bilinear-corners" ? (i * (from - 1)) / Math.max(1, to - 1) : ((i + 0.5) * from) / to - 0.5;
    if (mode === "nearest") add(i, Math.floor((i * from) / to), 1);
    else if (mode === "bilinear" || mode === "bilinear-corners") {
      const source = Math.max(0, centre);
      const low = Math.floor(source);
      add(i, low, 1 - (source - low));
      add(i, low + 1, source - low);
    } else {
      const low = Math.floor(centre);
      for (let tap = -1; tap <= 2; tap++) add(i, low + tap, cubic(centre - low - tap));
    }
  }
  return matrix;
}

/** Keys' cubic convolution with a = −0.75. */
function cubic(distance: number, a = -0.75): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/** Resizes [N, H, W, C] by two matrix products, so that it is differentiable on every engine. */
export function interpolate(tf: TensorFlow, x: Tensor4D, height: number, width: number, mode: Interpolation): Tensor4D {
  const [n, h, w, c] = x.shape;
  const rows = h === height ? x : along(tf, x.reshape([n, h, w * c]), height, mode).reshape<Tensor4D>([n, height, w, c]);
  if (w === width) return rows;
  return along(tf, rows.reshape([n * height, w, c]), width, mode).reshape([n, height, width, c]);
}

/** Resizes the middle axis: [N, from, C] → [N, to, C]. */
function along(tf: TensorFlow, x: Tensor3D, to: number, mode: Interpolation): Tensor3D {
  const [n, from, c] = x.shape;
  const matrix = tf.tensor2d(interpolationMatrix(from, to, mode), [to, from]);
  if (n === 1) return tf.matMul(matrix, x.reshape<Tensor2D>([from, c])).reshape([1, to, c]);
  if (c === 1) return tf.matMul(x.reshape<Tensor2D>([n, from]), matrix, false, true).reshape([n, to, 1]);
  return tf.matMul(tf.tile(matrix.reshape<Tensor3D>([1, to, from]), [n, 1, 1]), x);
}
