import { requireGrid, type Grid, type Mask } from "./mask.js";

/** Connected components of a mask. */
export interface Components {
  /** 0 for background, 1 … count for the components in the order in which a scan meets them. */
  readonly labels: Int32Array;
  readonly count: number;
  /** Voxels of each component; `sizes[0]` is 0. */
  readonly sizes: Int32Array;
}

/**
 * Connected components.
 * @param connectivity `full` (default): voxels that share a corner are connected (26 in 3-D, 8 in 2-D); `faces`: 6 or 4
 * @example components([1, 0, 1, 1], { shape: [1, 4], spacingMm: [1, 1] }).count // 2
 */
export function components(
  mask: Mask,
  grid: Grid,
  { connectivity = "full" }: { connectivity?: "full" | "faces" } = {},
): Components {
  requireGrid(grid, mask);
  const [slices, rows, columns] = grid.shape.length === 2 ? [1, ...grid.shape] : grid.shape;
  const neighbours = neighbourOffsets(connectivity === "faces", slices > 1);
  const labels = new Int32Array(mask.length);
  const queue: number[] = [];
  const sizes = [0];
  for (let seed = 0; seed < mask.length; seed++) {
    if (!mask[seed] || labels[seed] !== 0) continue;
    const label = sizes.length;
    labels[seed] = label;
    queue.push(seed);
    let size = 0;
    while (queue.length > 0) {
      const at = queue.pop() ?? 0;
      size++;
      const x = at % columns;
      const y = Math.floor(at / columns) % rows;
      const z = Math.floor(at / (columns * rows));
      for (const [dz, dy, dx] of neighbours) {
        const [nz, ny, nx] = [z + dz, y + dy, x + dx];
        if (nz < 0 || ny < 0 || nx < 0 || nz >= slices || ny >= rows || nx >= columns) continue;
        const next = (nz * rows + ny) * columns + nx;
        if (!mask[next] || labels[next] !== 0) continue;
        labels[next] = label;
        queue.push(next);
      }
    }
    sizes.push(size);
  }
  return { labels, count: sizes.length - 1, sizes: Int32Array.from(sizes) };
}

function neighbourOffsets(facesOnly: boolean, deep: boolean): [number, number, number][] {
  const offsets: [number, number, number][] = [];
  for (let dz = deep ? -1 : 0; dz <= (deep ? 1 : 0); dz++) {
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const steps = Math.abs(dz) + Math.abs(dy) + Math.abs(dx);
        if (steps > 0 && (!facesOnly || steps === 1)) offsets.push([dz, dy, dx]);
      }
    }
  }
  return offsets;
}
