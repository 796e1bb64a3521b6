import { requireGrid, wordsOf, type Grid, type Mask } from "./mask.js";

/** Two masks cut to what they occupy together, as 0/1 bytes with a border of one empty voxel on every side. */
export interface CroppedPair {
  /** 2 for images, whose `size[0]` is 1 and has no border. */
  readonly dimensions: 2 | 3;
  /** Padded size, slices × rows × columns. */
  readonly size: readonly [number, number, number];
  /** Spacing of slices, rows, columns; the slice spacing of an image is 1. */
  readonly spacing: readonly [number, number, number];
  readonly prediction: Uint8Array;
  readonly truth: Uint8Array;
  readonly predictionEmpty: boolean;
  readonly truthEmpty: boolean;
}

/**
 * Cuts two masks (or one label of two label maps) to their common bounding box, so that the work on a tumour in a
 * head costs the tumour. @param label the label to take; any non-zero value when undefined
 */
export function cropPair(prediction: Mask, truth: Mask, grid: Grid, label?: number): CroppedPair {
  requireGrid(grid, prediction, truth);
  const dimensions = grid.shape.length === 2 ? 2 : 3;
  const [rows, columns] = grid.shape.slice(-2);
  const spacing = (dimensions === 2 ? [1, ...grid.spacingMm] : grid.spacingMm) as unknown as [number, number, number];
  const box = new BoundingBox(rows, columns);
  box.add(prediction, label);
  const predictionEmpty = box.isEmpty;
  const truthBox = new BoundingBox(rows, columns);
  truthBox.add(truth, label);
  const truthEmpty = truthBox.isEmpty;
  box.join(truthBox);
  if (box.isEmpty) {
    const nothing = new Uint8Array(0);
    return { dimensions, size: [0, 0, 0], spacing, prediction: nothing, truth: nothing, predictionEmpty, truthEmpty };
  }
  const pad = dimensions === 2 ? 0 : 1;
  const size = [box.z1 - box.z0 + 1 + 2 * pad, box.y1 - box.y0 + 3, box.x1 - box.x0 + 3] as const;
  const cut = (mask: Mask): Uint8Array => {
    const out = new Uint8Array(size[0] * size[1] * size[2]);
    const bytes = mask instanceof Uint8Array ? mask : null;
    for (let z = box.z0; z <= box.z1; z++) {
      for (let y = box.y0; y <= box.y1; y++) {
        let to = ((z - box.z0 + pad) * size[1] + (y - box.y0 + 1)) * size[2] + 1;
        const row = (z * rows + y) * columns;
        if (bytes && label === undefined) {
          for (let x = box.x0; x <= box.x1; x++) out[to++] = bytes[row + x] === 0 ? 0 : 1;
          continue;
        }
        for (let x = box.x0; x <= box.x1; x++) {
          const value = mask[row + x];
          out[to++] = (label === undefined ? value : value === label) ? 1 : 0;
        }
      }
    }
    return out;
  };
  return { dimensions, size, spacing, prediction: cut(prediction), truth: cut(truth), predictionEmpty, truthEmpty };
}

class BoundingBox {
  z0 = Infinity;
  z1 = -1;
  y0 = Infinity;
  y1 = -1;
  x0 = Infinity;
  x1 = -1;

  constructor(
    readonly rows: number,
    readonly columns: number,
  ) {}

  get isEmpty(): boolean {
    return this.z1 < 0;
  }

  join(other: BoundingBox): void {
    this.z0 = Math.min(this.z0, other.z0);
    this.z1 = Math.max(this.z1, other.z1);
    this.y0 = Math.min(this.y0, other.y0);
    this.y1 = Math.max(this.y1, other.y1);
    this.x0 = Math.min(this.x0, other.x0);
    this.x1 = Math.max(this.x1, other.x1);
  }

  add(mask: Mask, label: number | undefined): void {
    const words = wordsOf(mask);
    const isIn = (value: number | boolean): boolean => (label === undefined ? Boolean(value) : value === label);
    let i = 0;
    while (i < mask.length) {
      // Most of a volume is background: skip it four bytes at a time.
      if (words && (i & 3) === 0) {
        let word = i >> 2;
        while (word < words.length && words[word] === 0) word++;
        i = word << 2;
        if (i >= mask.length) break;
      }
      if (!isIn(mask[i])) {
        i++;
        continue;
      }
      // The first foreground voxel of its row; the last one is all that is left to find there.
      const end = i - (i % this.columns) + this.columns;
      let last = end - 1;
      while (!isIn(mask[last])) last--;
      this.#include(i);
      this.#include(last);
      i = end;
    }
  }

  #include(index: number): void {
    const x = index % this.columns;
    const line = (index - x) / this.columns;
    const y = line % this.rows;
    const z = (line - y) / this.rows;
    if (x < this.x0) this.x0 = x;
    if (x > this.x1) this.x1 = x;
    if (y < this.y0) this.y0 = y;
    if (y > this.y1) this.y1 = y;
    if (z < this.z0) this.z0 = z;
    if (z > this.z1) this.z1 = z;
  }
}
