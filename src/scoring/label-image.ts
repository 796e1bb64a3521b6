import { BadFile } from "../core/index.js";
import { readNifti, readNpy, readPng, type Affine } from "../io/index.js";
import type { Grid } from "../metrics/index.js";

/** A label map from a file: whole numbers from 0 (background) to 65535. */
export interface LabelImage {
  readonly file: string;
  readonly labels: Uint8Array | Uint16Array;
  /** Last axis fastest, axes of length 1 left out, so a volume of one slice is an image. */
  readonly grid: Grid;
  /** Where the voxels lie in the world, from NIfTI. */
  readonly affine: Affine | null;
  /** False when the file does not say how large a pixel is; the grid's spacing is then 1 or what the caller gave. */
  readonly hasSpacing: boolean;
}

export const imageExtensions = [".nii.gz", ".nii", ".png", ".npy"];

/**
 * Reads a segmentation from NIfTI, PNG (grey or palette; RGB only where it is grey) or NPY.
 * @param spacingMm for files that carry none, one number an axis of the image, last axis fastest
 * @throws BadFile `not-labels`, `wrong-geometry` and what the reader of the format throws
 */
export async function readLabelImage(file: string, spacingMm?: readonly number[]): Promise<LabelImage> {
  if (/\.nii(\.gz)?$/i.test(file)) return fromNifti(file);
  if (/\.png$/i.test(file)) return fromPng(file, spacingMm);
  if (/\.npy$/i.test(file)) return fromNpy(file, spacingMm);
  throw new BadFile(
    "unsupported",
    file,
    "is neither NIfTI, PNG nor NPY",
    `Give files that end in ${imageExtensions.join(", ")}.`,
  );
}

async function fromNifti(file: string): Promise<LabelImage> {
  const stored = await readNifti(file, { values: "stored" });
  const scaled =
    stored.scaling === null || (stored.scaling.slope === 1 && stored.scaling.inter === 0) ? stored : await readNifti(file);
  const { shape, spacingMm, affine, components, data } = scaled;
  if (components !== 1) throw new BadFile("not-labels", file, "holds colours or complex numbers", "Save a label map.");
  if (shape.length > 3 && shape.slice(3).some((size) => size > 1)) {
    throw new BadFile("wrong-geometry", file, `has ${shape.length} axes (${shape.join(" × ")})`, "Save one volume a file.");
  }
  const axes = shape
    .slice(0, 3)
    .map((size, axis) => ({ size, mm: spacingMm[axis] }))
    .reverse();
  return { file, labels: asLabels(file, data), grid: squeezed(file, axes), affine, hasSpacing: true };
}

async function fromPng(file: string, spacingMm: readonly number[] = [1, 1]): Promise<LabelImage> {
  const { width, height, channels, data } = await readPng(file, { palette: "indices" });
  const pixels = channels === 1 ? data : greyOf(file, data, channels);
  const axes = [height, width].map((size, axis) => ({ size, mm: spacingFor(file, spacingMm, 2)[axis] }));
  return { file, labels: asLabels(file, pixels), grid: squeezed(file, axes), affine: null, hasSpacing: false };
}

async function fromNpy(file: string, spacingMm?: readonly number[]): Promise<LabelImage> {
  const { shape, data } = await readNpy(file);
  const axes = shape.filter((size) => size !== 1).length < 2 ? shape : shape.filter((size) => size !== 1);
  const spacing = spacingMm ? spacingFor(file, spacingMm, axes.length) : axes.map(() => 1);
  const numbers = data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data;
  return {
    file,
    labels: asLabels(file, numbers),
    grid: squeezed(
      file,
      axes.map((size, axis) => ({ size, mm: spacing[axis] })),
    ),
    affine: null,
    hasSpacing: false,
  };
}

function spacingFor(file: string, spacingMm: readonly number[], axes: number): readonly number[] {
  if (spacingMm.length === axes) return spacingMm;
  const problem = `has ${axes} axes, the given spacing ${spacingMm.length}`;
  throw new BadFile("wrong-geometry", file, problem, `Give ${axes} numbers, e.g. --spacing ${Array(axes).fill(1).join(",")}.`);
}

function squeezed(file: string, axes: readonly { readonly size: number; readonly mm: number }[]): Grid {
  const kept = axes.length > 2 ? axes.filter(({ size }) => size !== 1) : axes;
  const used = kept.length < 2 ? axes.slice(-2) : kept;
  if (used.length < 2 || used.length > 3) {
    const shape = axes.map(({ size }) => size).join(" × ");
    throw new BadFile("wrong-geometry", file, `has the shape ${shape}`, "An image or a volume is needed.");
  }
  return { shape: used.map(({ size }) => size), spacingMm: used.map(({ mm }) => mm) };
}

function greyOf(file: string, data: Uint8Array | Uint16Array, channels: number): Uint16Array {
  const grey = new Uint16Array(data.length / channels);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = data[i * channels];
    if (channels >= 3 && (data[i * channels + 1] !== grey[i] || data[i * channels + 2] !== grey[i])) {
      throw new BadFile("not-labels", file, "is a colour image", "Save labels as grey values or palette indices.");
    }
  }
  return grey;
}

function asLabels(file: string, data: ArrayLike<number>): Uint8Array | Uint16Array {
  if (data instanceof Uint8Array) return data;
  let largest = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (!(value >= 0 && value <= 65535 && Number.isInteger(value))) {
      const remedy = "Labels are whole numbers from 0 to 65535; binarise probabilities first.";
      throw new BadFile("not-labels", file, `holds the value ${value}`, remedy);
    }
    if (value > largest) largest = value;
  }
  return largest < 256 ? Uint8Array.from(data) : data instanceof Uint16Array ? data : Uint16Array.from(data);
}

/** @throws BadFile `wrong-geometry` naming the first file when the two images do not lie on the same voxels */
export function requireSameGeometry(first: LabelImage, second: LabelImage): void {
  const remedy = "Resample one to the other's grid (nearest neighbour for labels).";
  const [a, b] = [first.grid, second.grid];
  if (a.shape.join() !== b.shape.join()) {
    const problem = `has shape ${a.shape.join(" × ")}, but ${second.file} has ${b.shape.join(" × ")}`;
    throw new BadFile("wrong-geometry", first.file, problem, remedy);
  }
  if (a.spacingMm.some((mm, axis) => Math.abs(mm - b.spacingMm[axis]) > 1e-3 * b.spacingMm[axis])) {
    const problem = `has voxels of ${a.spacingMm.join(" × ")} mm, but ${second.file} of ${b.spacingMm.join(" × ")} mm`;
    throw new BadFile("wrong-geometry", first.file, problem, remedy);
  }
  const apart = first.affine && second.affine ? furthestApart(first.affine, second.affine, a.shape) : 0;
  if (apart > 0.01 * Math.min(...b.spacingMm)) {
    const problem = `lies up to ${apart.toPrecision(3)} mm away from ${second.file} in the world (their affines differ)`;
    throw new BadFile("wrong-geometry", first.file, problem, remedy);
  }
}

// The two affines compared at the corners of the volume, where they differ most.
function furthestApart(a: Affine, b: Affine, shape: readonly number[]): number {
  const [nx, ny, nz] = [...shape].reverse().concat(1);
  let furthest = 0;
  for (let corner = 0; corner < 8; corner++) {
    const at = [corner & 1 ? nx - 1 : 0, corner & 2 ? ny - 1 : 0, corner & 4 ? nz - 1 : 0, 1];
    const offset = [0, 1, 2].map((row) => at.reduce((sum, x, column) => sum + (a[row][column] - b[row][column]) * x, 0));
    furthest = Math.max(furthest, Math.hypot(...offset));
  }
  return furthest;
}
