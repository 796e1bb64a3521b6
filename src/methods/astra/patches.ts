import { ShapeMismatch } from "../../core/index.js";
import type { PatchConfig } from "./config.js";

/** A picture as numbers, [size, size, 3], row-major, colours interleaved. */
export interface Picture {
  readonly size: number;
  readonly data: Float32Array;
}

/** The colour constants of ImageNet and the plain ones of the repository's evaluation. */
export const normalisations = {
  imagenet: { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
  half: { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
} as const;

/** Bytes to numbers around zero: (byte/255 − mean)/deviation for each colour. */
export function normalisePicture(bytes: Uint8Array, size: number, by: keyof typeof normalisations): Picture {
  const { mean, deviation } = normalisations[by];
  const scale = deviation.map((value) => 1 / (255 * value));
  const shift = mean.map((value, c) => value / deviation[c]);
  const data = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 3) for (let c = 0; c < 3; c++) data[i + c] = bytes[i + c] * scale[c] - shift[c];
  return { size, data };
}

/**
 * The overlapping squares of a picture, top left first, row by row, without padding.
 *
 * @param chosen which patches, by their number in that order; all when left out
 * @returns [patches, size, size, 3], flat
 * @throws ShapeMismatch when the picture is not square RGB
 * @example extractPatches({ size: 64, data }, { size: 32, stride: 16, perView: "all" }).length // 9 · 32 · 32 · 3
 */
export function extractPatches({ size, data }: Picture, patches: PatchConfig, chosen?: ArrayLike<number>): Float32Array {
  if (data.length !== size * size * 3)
    throw new ShapeMismatch("extractPatches", [size, size, 3], [data.length], "Pass a square RGB picture.");
  const across = Math.floor((size - patches.size) / patches.stride) + 1;
  const count = chosen?.length ?? across * across;
  const line = patches.size * 3;
  const out = new Float32Array(count * patches.size * line);
  for (let k = 0, to = 0; k < count; k++) {
    const patch = chosen === undefined ? k : chosen[k];
    const top = Math.floor(patch / across) * patches.stride;
    const left = (patch % across) * patches.stride;
    for (let y = 0; y < patches.size; y++, to += line) {
      const from = ((top + y) * size + left) * 3;
      out.set(data.subarray(from, from + line), to);
    }
  }
  return out;
}
