import type { CropBox } from "./prepare.js";

/**
 * A prediction of the crop brought back to the whole slice, linearly; 0 outside the crop.
 * @param probability [side, side]
 * @returns [height, width]
 */
export function placeBack(probability: ArrayLike<number>, side: number, { top, bottom, left, right }: CropBox, height: number, width: number): Float32Array {
  const [rows, columns] = [bottom - top, right - left];
  const out = new Float32Array(height * width);
  for (let y = 0; y < Math.min(rows, height - top); y++) {
    const [y0, y1, fy] = between(y, rows, side);
    for (let x = 0; x < Math.min(columns, width - left); x++) {
      const [x0, x1, fx] = between(x, columns, side);
      const upper = probability[y0 * side + x0] * (1 - fx) + probability[y0 * side + x1] * fx;
      const lower = probability[y1 * side + x0] * (1 - fx) + probability[y1 * side + x1] * fx;
      out[(top + y) * width + left + x] = upper * (1 - fy) + lower * fy;
    }
  }
  return out;
}

/** The two source points of a target point, and how far it lies towards the second. */
function between(i: number, targets: number, sources: number): [low: number, high: number, share: number] {
  const at = Math.min(sources - 1, Math.max(0, ((i + 0.5) * sources) / targets - 0.5));
  const low = Math.floor(at);
  return [low, Math.min(sources - 1, low + 1), at - low];
}
