import { requireGrid, type Grid, type Mask } from "./mask.js";

/**
 * Exact Euclidean distance in mm from every voxel to the nearest foreground voxel; linear in the number of voxels.
 *
 * Squared distances are built axis by axis as lower envelopes of parabolas. `scipy.ndimage.distance_transform_edt`
 * measures to the nearest *zero* voxel instead: give it the inverted mask.
 *
 * @param features mask; its foreground has distance 0
 * @returns one distance a voxel, Infinity everywhere when the mask is empty
 * @example distanceTransform([1, 0, 0, 0], { shape: [1, 4], spacingMm: [1, 0.5] }) // [0, 0.5, 1, 1.5]
 * @see Felzenszwalb & Huttenlocher, Theory of Computing 2012
 */
export function distanceTransform(features: Mask, grid: Grid): Float64Array {
  requireGrid(grid, features);
  const [slices, rows, columns] = grid.shape.length === 2 ? [1, ...grid.shape] : grid.shape;
  const [sz, sy, sx] = grid.shape.length === 2 ? [1, ...grid.spacingMm] : grid.spacingMm;
  const flags = Uint8Array.from(features, (value) => (value ? 1 : 0));
  const squared = planeDistances(flags, [slices, rows, columns], [sz, sy, sx]);
  if (slices > 1) {
    const line = new Envelope(slices, sz);
    const plane = rows * columns;
    for (let at = 0; at < plane; at++) line.run(squared, at, plane);
  }
  return squared.map(Math.sqrt);
}

type Size = readonly [slices: number, rows: number, columns: number];
type Spacing = Size;

/** Squared distance of every voxel to the nearest flagged voxel of its own slice: two of the three passes. */
function planeDistances(flags: Uint8Array, [slices, rows, columns]: Size, [, sy, sx]: Spacing): Float64Array {
  const squared = new Float64Array(flags.length);
  alongColumns(flags, squared, slices * rows, columns, sx);
  if (rows > 1) {
    const line = new Envelope(rows, sy);
    for (let z = 0; z < slices; z++) {
      const start = z * rows * columns;
      if (isBlank(flags, start, start + rows * columns)) continue;
      for (let x = 0; x < columns; x++) line.run(squared, start + x, columns);
    }
  }
  return squared;
}

/**
 * The distance in mm of each query voxel to the nearest flagged voxel.
 *
 * Surfaces that are compared mostly lie close together, so after the first pass each query looks at the neighbouring
 * rows in order of their distance until none can be nearer. The few that would have to look further than
 * {@link reach} rows take the second pass, and then go from slice to slice; so the whole stays linear.
 */
export function distancesAt(queries: Int32Array, flags: Uint8Array, size: Size, spacing: Spacing): Float64Array {
  const [slices, rows, columns] = size;
  const inRow = stepsAlongRows(flags, slices * rows, columns);
  const squares = Float64Array.from({ length: columns + 1 }, (_, steps) =>
    steps === columns ? Infinity : steps * spacing[2] * (steps * spacing[2]),
  );
  const { dz, dy, cost, horizon, within } = rowsAround(size, spacing);
  const jump = Int32Array.from(dz, (step, k) => (step * rows + dy[k]) * columns);
  const distances = new Float64Array(queries.length);
  let planes: Float64Array | null = null;
  for (let q = 0; q < queries.length; q++) {
    const at = queries[q];
    const row = Math.floor(at / columns);
    const z = Math.floor(row / rows);
    const y = row - z * rows;
    let best = squares[inRow[at]];
    let k = 1;
    // Rows that are surely inside the image need no looking where they are.
    const margin = Math.min(y, rows - 1 - y, reach);
    const inside = within[slices === 1 ? margin : Math.min(margin, z, slices - 1 - z)];
    for (; k < inside && cost[k] < best; k++) {
      const candidate = squares[inRow[at + jump[k]]] + cost[k];
      if (candidate < best) best = candidate;
    }
    for (; k < cost.length && cost[k] < best; k++) {
      const nz = z + dz[k];
      const ny = y + dy[k];
      if (nz < 0 || ny < 0 || nz >= slices || ny >= rows) continue;
      const candidate = squares[inRow[at + jump[k]]] + cost[k];
      if (candidate < best) best = candidate;
    }
    if (best > horizon) best = acrossSlices((planes ??= planeDistances(flags, size, spacing)), at, z, size, spacing[0]);
    distances[q] = Math.sqrt(best);
  }
  return distances;
}

/** Voxels to the nearest flagged voxel of the row; `columns` where the row has none. */
function stepsAlongRows(flags: Uint8Array, lines: number, columns: number): Uint16Array | Int32Array {
  const steps = columns < 65535 ? new Uint16Array(flags.length) : new Int32Array(flags.length);
  for (let start = 0; start < lines * columns; start += columns) {
    const end = start + columns;
    let since = columns;
    let any = false;
    for (let i = start; i < end; i++) {
      if (flags[i]) {
        since = 0;
        any = true;
      } else if (since < columns) since++;
      steps[i] = since;
    }
    if (!any) continue;
    since = columns;
    for (let i = end - 1; i >= start; i--) {
      since = steps[i] === 0 ? 0 : since + 1;
      if (since < steps[i]) steps[i] = since;
      else since = Math.min(since, columns);
    }
  }
  return steps;
}

function acrossSlices(squared: Float64Array, at: number, z: number, [slices, rows, columns]: Size, step: number): number {
  const plane = rows * columns;
  const furthest = Math.max(z, slices - 1 - z);
  let best = squared[at];
  for (let k = 1; k <= furthest; k++) {
    const across = k * step * (k * step);
    if (across >= best) break;
    if (k <= z && squared[at - k * plane] + across < best) best = squared[at - k * plane] + across;
    if (k < slices - z && squared[at + k * plane] + across < best) best = squared[at + k * plane] + across;
  }
  return best;
}

/** How many rows away the direct search looks, along each axis. */
const reach = 12;

interface RowsAround {
  readonly dz: Int8Array;
  readonly dy: Int8Array;
  /** Squared distance in mm², ascending. */
  readonly cost: Float64Array;
  /** No row that is not listed is nearer than this (squared). */
  readonly horizon: number;
  /** `within[m]` rows from the first on lie at most m slices and m rows away. */
  readonly within: Int32Array;
}

function rowsAround([slices, rows]: Size, [sz, sy]: Spacing): RowsAround {
  const around: [dz: number, dy: number, cost: number][] = [];
  const [deep, wide] = [Math.min(reach, slices - 1), Math.min(reach, rows - 1)];
  for (let dz = -deep; dz <= deep; dz++) {
    for (let dy = -wide; dy <= wide; dy++) around.push([dz, dy, dz * sz * (dz * sz) + dy * sy * (dy * sy)]);
  }
  around.sort((a, b) => a[2] - b[2]);
  const beyond = Math.min(deep < slices - 1 ? (deep + 1) * sz : Infinity, wide < rows - 1 ? (wide + 1) * sy : Infinity);
  return {
    dz: Int8Array.from(around, (row) => row[0]),
    dy: Int8Array.from(around, (row) => row[1]),
    cost: Float64Array.from(around, (row) => row[2]),
    horizon: beyond * beyond,
    within: Int32Array.from({ length: reach + 1 }, (_, margin) => {
      const first = around.findIndex(([dz, dy]) => Math.max(Math.abs(dz), Math.abs(dy)) > margin);
      return first < 0 ? around.length : first;
    }),
  };
}

function alongColumns(flags: Uint8Array, squared: Float64Array, lines: number, columns: number, step: number): void {
  for (let line = 0; line < lines; line++) {
    const start = line * columns;
    const end = start + columns;
    let last = -Infinity;
    for (let i = start; i < end; i++) {
      if (flags[i]) last = i;
      const d = (i - last) * step;
      squared[i] = d * d;
    }
    if (last === -Infinity) continue;
    last = Infinity;
    for (let i = end - 1; i >= start; i--) {
      if (flags[i]) last = i;
      const d = (last - i) * step;
      if (d * d < squared[i]) squared[i] = d * d;
    }
  }
}

function isBlank(flags: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (flags[i]) return false;
  return true;
}

/** One line of squared distances replaced by the lower envelope of the parabolas that stand on them. */
class Envelope {
  readonly #height: Float64Array;
  readonly #apex: Int32Array;
  readonly #from: Float64Array;
  readonly #weight: number;

  constructor(
    readonly length: number,
    step: number,
  ) {
    this.#height = new Float64Array(length);
    this.#apex = new Int32Array(length);
    this.#from = new Float64Array(length + 1);
    this.#weight = step * step;
  }

  run(values: Float64Array, start: number, stride: number): void {
    const { length } = this;
    const height = this.#height;
    const apex = this.#apex;
    const from = this.#from;
    const weight = this.#weight;
    let top = -1;
    for (let q = 0, at = start; q < length; q++, at += stride) {
      const value = values[at];
      height[q] = value;
      if (value === Infinity) continue;
      let crossing = -Infinity;
      while (top >= 0) {
        const p = apex[top];
        crossing = ((value - height[p]) / (weight * (q - p)) + q + p) / 2;
        if (crossing > from[top]) break;
        top--;
        crossing = -Infinity;
      }
      apex[++top] = q;
      from[top] = crossing;
    }
    if (top < 0) return;
    from[top + 1] = Infinity;
    for (let q = 0, k = 0, at = start; q < length; q++, at += stride) {
      while (from[k + 1] < q) k++;
      const p = apex[k];
      values[at] = weight * (q - p) * (q - p) + height[p];
    }
  }
}
