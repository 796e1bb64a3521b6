import type { Tensor2D, Tensor3D, TensorFlow } from "./tensorflow.js";

/** Complex pictures or their k-space as two real tensors, [batch, height, width] each. */
export type ComplexTensor = { readonly real: Tensor3D; readonly imag: Tensor3D };

/**
 * Pictures → k-space: fftshift(FFT2(ifftshift(x))) with orthonormal scale, zero frequency at ⌊height/2⌋, ⌊width/2⌋; columns are the
 * phase-encoding direction. Two products with the transform's matrix, so that it is differentiable on every engine, any size.
 *
 * @param pictures [batch, height, width]; real pictures have no `imag`
 * @example centeredFft2(tf, { real: tf.ones([1, 4, 4]) }).real // 4 at [0, 2, 2], 0 elsewhere
 * @see folio/signal `centeredFft2`, the same on plain arrays; ASMR-seg spec §2.6
 */
export function centeredFft2(tf: TensorFlow, pictures: { readonly real: Tensor3D; readonly imag?: Tensor3D }): ComplexTensor {
  return transform2(tf, pictures, "forward");
}

/** k-space → pictures: the inverse of {@link centeredFft2}. */
export function centeredIfft2(tf: TensorFlow, kspace: ComplexTensor): ComplexTensor {
  return transform2(tf, kspace, "inverse");
}

/**
 * k-space of which only some columns were acquired.
 * @param mask [batch, width] or [1, width]; 1 acquired, 0 not, values between for relaxed masks
 */
export function keepColumns(tf: TensorFlow, { real, imag }: ComplexTensor, mask: Tensor2D): ComplexTensor {
  const columns = mask.reshape<Tensor3D>([mask.shape[0], 1, mask.shape[1]]); // [B, 1, W]
  return { real: tf.mul(real, columns), imag: tf.mul(imag, columns) };
}

/**
 * As {@link keepColumns}, and the mirrored columns for free: for a real picture k-space at (−u, −v) is the conjugate of (u, v). Entries whose
 * own column was acquired stay as they are.
 */
export function keepColumnsAndMirrors(tf: TensorFlow, kspace: ComplexTensor, mask: Tensor2D): ComplexTensor {
  const mirroredColumns = mirror(tf, mask, 1); // [B, W]
  const onlyMirror = tf.mul(mirroredColumns, tf.sub(1, mask)) as Tensor2D;
  const own = keepColumns(tf, kspace, mask);
  const other = keepColumns(tf, { real: mirror(tf, mirror(tf, kspace.real, 1), 2), imag: mirror(tf, mirror(tf, kspace.imag, 1), 2).neg() }, onlyMirror);
  return { real: own.real.add(other.real), imag: own.imag.add(other.imag) };
}

/** |z|, [batch, height, width]. The gradient where z = 0 is 0. */
export function magnitude(tf: TensorFlow, { real, imag }: ComplexTensor): Tensor3D {
  return tf.sqrt(tf.maximum(tf.add(tf.square(real), tf.square(imag)), 1e-24));
}

/** Entry i of an axis becomes entry 2⌊n/2⌋ − i, cyclically. */
function mirror<T extends Tensor2D | Tensor3D>(tf: TensorFlow, x: T, axis: number): T {
  const turned = tf.reverse(x, axis);
  if (x.shape[axis] % 2 === 1) return turned;
  const [last, rest] = tf.split(turned, [x.shape[axis] - 1, 1], axis);
  return tf.concat([rest, last], axis) as T;
}

function transform2(tf: TensorFlow, { real, imag }: { readonly real: Tensor3D; readonly imag?: Tensor3D }, direction: Direction): ComplexTensor {
  const alongRows = transformLast(tf, real, imag, direction); // [B, H, W]
  const turned = [alongRows.real, alongRows.imag].map((part) => tf.transpose(part, [0, 2, 1])); // [B, W, H]
  const both = transformLast(tf, turned[0], turned[1], direction);
  return { real: tf.transpose(both.real, [0, 2, 1]), imag: tf.transpose(both.imag, [0, 2, 1]) };
}

/** (a + ib)·(C + iS) along the last axis. */
function transformLast(tf: TensorFlow, real: Tensor3D, imag: Tensor3D | undefined, direction: Direction): ComplexTensor {
  const [batch, rows, size] = real.shape;
  const { cos, sin } = fourierMatrix(size, direction);
  const [c, s] = [cos, sin].map((values) => tf.tensor2d(values, [size, size]));
  const times = (x: Tensor3D, matrix: Tensor2D): Tensor3D => tf.matMul(x.reshape<Tensor2D>([batch * rows, size]), matrix).reshape([batch, rows, size]);
  if (imag === undefined) return { real: times(real, c), imag: times(real, s) };
  return { real: times(real, c).sub(times(imag, s)), imag: times(real, s).add(times(imag, c)) };
}

type Direction = "forward" | "inverse";

const matrices = new Map<string, { readonly cos: Float32Array; readonly sin: Float32Array }>();

/** exp(∓2πi·(u − ⌊n/2⌋)(x − ⌊n/2⌋)/n)/√n; symmetric. */
function fourierMatrix(size: number, direction: Direction): { readonly cos: Float32Array; readonly sin: Float32Array } {
  const key = `${direction} ${size}`;
  const known = matrices.get(key);
  if (known !== undefined) return known;
  const middle = size >> 1;
  const sign = direction === "forward" ? -1 : 1;
  const turn = (i: number): number => (sign * 2 * Math.PI * (((Math.floor(i / size) - middle) * ((i % size) - middle)) % size)) / size;
  const scale = 1 / Math.sqrt(size);
  const made = {
    cos: Float32Array.from({ length: size * size }, (_, i) => scale * Math.cos(turn(i))),
    sin: Float32Array.from({ length: size * size }, (_, i) => scale * Math.sin(turn(i))),
  };
  matrices.set(key, made);
  return made;
}
