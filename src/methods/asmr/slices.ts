import { seededRandom } from "../../core/index.js";
import type { CineSlice } from "../../datasets/index.js";
import { centeredFft2 } from "../../nn/index.js";
import { centeredFft2 as planeFft2, complexPlane } from "../../signal/index.js";
import type { DataConfig } from "./config.js";
import type { Tensor2D, Tensor3D, TensorFlow } from "./tensorflow.js";

/** A slice with the k-space that a scanner would have filled. */
export interface KspaceSlice extends CineSlice {
  /** [size, size], columns are phase-encoding lines, zero frequency in the middle */
  readonly kReal: Float32Array;
  readonly kImag: Float32Array;
}

/**
 * Fully sampled k-space of every slice, simulated by FFT from magnitude pictures: not raw data of a scanner.
 * @see ASMR-seg spec §2.6, pitfall 16
 */
export async function simulateKspace(tf: TensorFlow, slices: readonly CineSlice[], { noiseStd }: Pick<DataConfig, "noiseStd">, seed = 0): Promise<KspaceSlice[]> {
  const out: KspaceSlice[] = [];
  const batch = 64;
  for (let at = 0; at < slices.length; at += batch) {
    const chunk = slices.slice(at, at + batch);
    const { real, imag } = tf.tidy(() => centeredFft2(tf, { real: rows(tf, chunk.map(({ image }) => image), chunk[0].size) }));
    const [re, im] = [await real.data<"float32">(), await imag.data<"float32">()];
    tf.dispose([real, imag]);
    for (const [i, slice] of chunk.entries()) {
      const own = (values: Float32Array): Float32Array => values.slice(i * slice.size ** 2, (i + 1) * slice.size ** 2);
      out.push(withNoise({ ...slice, kReal: own(re), kImag: own(im) }, noiseStd, seed));
    }
  }
  return out;
}

function withNoise(slice: KspaceSlice, deviation: number, seed: number): KspaceSlice {
  if (deviation === 0) return slice;
  const random = seededRandom(seed).stream("kspace-noise").stream(slice.id);
  const noisy = (values: Float32Array): Float32Array => values.map((x) => x + random.normal(0, deviation));
  return { ...slice, kReal: noisy(slice.kReal), kImag: noisy(slice.kImag) };
}

/** Image and label turned about either axis together, then transformed anew; noise of the original is not carried over. */
export function flippedSlice(slice: KspaceSlice, { vertical, horizontal }: { readonly vertical: boolean; readonly horizontal: boolean }): KspaceSlice {
  if (!vertical && !horizontal) return slice;
  const { size } = slice;
  const from = (i: number): number => {
    const [y, x] = [Math.floor(i / size), i % size];
    return (vertical ? size - 1 - y : y) * size + (horizontal ? size - 1 - x : x);
  };
  const image = slice.image.map((_, i) => slice.image[from(i)]);
  const { real, imag } = planeFft2(complexPlane(size, size, image));
  return { ...slice, image, label: slice.label.map((_, i) => slice.label[from(i)]), kReal: Float32Array.from(real), kImag: Float32Array.from(imag) };
}

/** [B, size, size] from plain rows */
export function rows(tf: TensorFlow, values: readonly ArrayLike<number>[], size: number): Tensor3D {
  return tf.tensor3d(joined(values), [values.length, size, size]);
}

/** [B, length] */
export function vectors(tf: TensorFlow, values: readonly ArrayLike<number>[]): Tensor2D {
  return tf.tensor2d(joined(values), [values.length, values[0].length]);
}

function joined(values: readonly ArrayLike<number>[]): Float32Array {
  const out = new Float32Array(values.length * values[0].length);
  for (const [i, row] of values.entries()) out.set(row, i * row.length);
  return out;
}

/** k-space of some slices, [B, size, size] each. */
export function kspaceTensors(tf: TensorFlow, slices: readonly KspaceSlice[]): [kReal: Tensor3D, kImag: Tensor3D] {
  const { size } = slices[0];
  return [rows(tf, slices.map(({ kReal }) => kReal), size), rows(tf, slices.map(({ kImag }) => kImag), size)];
}

/** What a batch feeds to a step: k-space, picture, label, [B, size, size] each. */
export function sliceTensors(tf: TensorFlow, slices: readonly KspaceSlice[]): [kReal: Tensor3D, kImag: Tensor3D, image: Tensor3D, label: Tensor3D] {
  const { size } = slices[0];
  return [
    ...kspaceTensors(tf, slices),
    rows(tf, slices.map(({ image }) => image), size), rows(tf, slices.map(({ label }) => label), size),
  ];
}
