import { InvalidValue, type CaseScore } from "../../core/index.js";
import { score } from "../value.js";
import { bothEmpty, overlap, requireGrid, type Grid, type Mask, type OverlapOptions } from "./mask.js";

export interface BoundaryIouOptions extends OverlapOptions {
  /** How deep the boundary reaches into the mask; {@link boundaryWidth} of the image unless given. */
  readonly widthVoxels?: number;
}

/** 2 % of the image's diagonal in voxels, at least 1: the width that the Boundary IoU paper uses. */
export function boundaryWidth(shape: readonly number[]): number {
  return Math.max(1, Math.round(0.02 * Math.hypot(...shape)));
}

/**
 * Boundary IoU: the IoU of the two masks' boundaries, which are all mask voxels within a width of the mask's outside.
 *
 * Convention `box-erosion`, as the paper's code: the width counts erosions with a 3×3 (3×3×3) box, and outside the
 * image is background. Unlike IoU it does not forgive blurred outlines of large objects.
 *
 * @returns a score in [0, 1], or an exclusion when both masks are empty
 * @throws ShapeMismatch, InvalidValue
 * @see Cheng et al., CVPR 2021
 */
export function boundaryIou(prediction: Mask, truth: Mask, grid: Grid, options: BoundaryIouOptions = {}): CaseScore {
  requireGrid(grid, prediction, truth);
  const { widthVoxels = boundaryWidth(grid.shape), whenBothEmpty = "skip" } = options;
  if (!Number.isInteger(widthVoxels) || widthVoxels < 1)
    throw new InvalidValue("boundaryIou", "the width must be a whole number from 1", widthVoxels);
  const { intersection, predicted, actual } = overlap(
    boundary(prediction, grid.shape, widthVoxels),
    boundary(truth, grid.shape, widthVoxels),
  );
  if (predicted + actual === 0) return bothEmpty(whenBothEmpty);
  return score(intersection / (predicted + actual - intersection));
}

function boundary(mask: Mask, shape: readonly number[], width: number): Uint8Array {
  const original = Uint8Array.from(mask, (value) => (value ? 1 : 0));
  const inner = original.slice();
  let stride = 1;
  for (const size of [...shape].reverse()) {
    for (let start = 0; start < inner.length; start++) {
      if (Math.floor(start / stride) % size === 0) erodeLine(inner, start, stride, size, width);
    }
    stride *= size;
  }
  return original.map((value, i) => value & ~inner[i]);
}

// A box erosion is one erosion along each axis; a run of foreground loses `width` voxels at both ends.
function erodeLine(mask: Uint8Array, start: number, stride: number, size: number, width: number): void {
  let runStart = 0;
  for (let i = 0; i <= size; i++) {
    if (i < size && mask[start + i * stride]) continue;
    for (let k = runStart; k < i; k++) if (k - runStart < width || i - 1 - k < width) mask[start + k * stride] = 0;
    runStart = i + 1;
  }
}
