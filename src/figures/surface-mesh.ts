import { InvalidValue } from "../core/index.js";

export interface MaskVolume {
  /** Slices, rows, columns; the column index runs fastest. */
  readonly shape: readonly [depth: number, height: number, width: number];
  /** Millimetres from one slice, row and column to the next. */
  readonly spacingMm: readonly [slice: number, row: number, column: number];
  /** Above 0 is inside. */
  readonly values: ArrayLike<number>;
}

export interface SurfaceMesh {
  /** x, y, z in millimetres, three numbers a vertex, centred on the middle of what is inside. */
  readonly vertices: Float32Array;
  /** Three vertex numbers a triangle, seen anticlockwise from outside. */
  readonly triangles: Uint32Array;
}

/**
 * The surface of a mask by surface nets: one vertex in every cell of eight voxels that the surface passes, at the mean
 * of its crossings, and two triangles at every pair of voxels of which one is inside. Closed wherever the mask is, also at
 * the volume's border. Voxels are taken `step` apart, so that the mesh stays below `maxTriangles`.
 *
 * @throws InvalidValue for a mask with nothing inside
 * @see Gibson 1998, Constrained Elastic Surface Nets
 */
export function surfaceMesh(volume: MaskVolume, { maxTriangles = 12_000 }: { readonly maxTriangles?: number } = {}): SurfaceMesh {
  for (let step = 1; ; step++) {
    const mesh = netsOf(volume, step);
    if (mesh.triangles.length / 3 <= maxTriangles || step > 16) return mesh;
  }
}

function netsOf({ shape, spacingMm, values }: MaskVolume, step: number): SurfaceMesh {
  const box = boundingBox(shape, values);
  // Only what holds something, with a border of nothing, so that the surface closes there.
  const sides = box.map(({ low, high }) => Math.floor((high - low) / step) + 3);
  const [depth, height, width] = sides;
  const grid = new Uint8Array(depth * height * width);
  for (let z = 1; z < depth - 1; z++) for (let y = 1; y < height - 1; y++) for (let x = 1; x < width - 1; x++) {
    const [slice, row, column] = [box[0].low + (z - 1) * step, box[1].low + (y - 1) * step, box[2].low + (x - 1) * step];
    grid[(z * height + y) * width + x] = values[(slice * shape[1] + row) * shape[2] + column] > 0 ? 1 : 0;
  }
  const vertices: number[] = [];
  const vertexOf = new Int32Array(grid.length).fill(-1);
  for (let z = 0; z < depth - 1; z++) for (let y = 0; y < height - 1; y++) for (let x = 0; x < width - 1; x++) {
    const at = (z * height + y) * width + x;
    const full = grid[at] + grid[at + 1] + grid[at + width] + grid[at + width + 1];
    const above = at + height * width;
    const corners = full + grid[above] + grid[above + 1] + grid[above + width] + grid[above + width + 1];
    if (corners === 0 || corners === 8) continue;
    const crossing = meanCrossing(grid, [z, y, x], [height * width, width, 1], at);
    vertexOf[at] = vertices.length / 3;
    vertices.push(crossing[2] * step * spacingMm[2], crossing[1] * step * spacingMm[1], crossing[0] * step * spacingMm[0]);
  }
  return { vertices: centred(vertices), triangles: Uint32Array.from(facesOf(grid, vertexOf, [depth, height, width])) };
}

function boundingBox(shape: MaskVolume["shape"], values: ArrayLike<number>): { low: number; high: number }[] {
  const box = shape.map(() => ({ low: Infinity, high: -Infinity }));
  for (let z = 0, i = 0; z < shape[0]; z++) for (let y = 0; y < shape[1]; y++) for (let x = 0; x < shape[2]; x++, i++) {
    if (!(values[i] > 0)) continue;
    [z, y, x].forEach((at, axis) => {
      box[axis].low = Math.min(box[axis].low, at);
      box[axis].high = Math.max(box[axis].high, at);
    });
  }
  if (box[0].high < box[0].low) throw new InvalidValue("surfaceMesh", "needs a mask with something inside", "nothing");
  return box;
}

/** Mean of the points where a cell's twelve edges leave the mask, in grid coordinates. */
function meanCrossing(grid: Uint8Array, [z, y, x]: readonly number[], [sliceStep, rowStep, columnStep]: readonly number[], at: number): [number, number, number] {
  const corner = (dz: number, dy: number, dx: number): number => grid[at + dz * sliceStep + dy * rowStep + dx * columnStep];
  const sum = [0, 0, 0];
  let crossings = 0;
  for (let axis = 0; axis < 3; axis++) {
    for (const [a, b] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
      const from = [a, b];
      from.splice(axis, 0, 0);
      const to = [a, b];
      to.splice(axis, 0, 1);
      if (corner(from[0], from[1], from[2]) === corner(to[0], to[1], to[2])) continue;
      crossings++;
      for (let i = 0; i < 3; i++) sum[i] += (from[i] + to[i]) / 2;
    }
  }
  return [z + sum[0] / crossings, y + sum[1] / crossings, x + sum[2] / crossings];
}

/** Around every grid edge that crosses the surface, the four cells that share it make a square. */
function facesOf(grid: Uint8Array, vertexOf: Int32Array, [depth, height, width]: readonly number[]): number[] {
  const strides = [height * width, width, 1];
  const triangles: number[] = [];
  // The border holds nothing, so whatever crosses the surface has its four cells.
  for (let z = 0; z < depth - 1; z++) for (let y = 0; y < height - 1; y++) for (let x = 0; x < width - 1; x++) {
    const at = (z * height + y) * width + x;
    for (let axis = 0; axis < 3; axis++) {
      const [here, there] = [grid[at], grid[at + strides[axis]]];
      if (here === there) continue;
      const [u, v] = [strides[(axis + 1) % 3], strides[(axis + 2) % 3]];
      const [a, b, c, d] = [at - u - v, at - v, at, at - u].map((cell) => vertexOf[cell]);
      // Axes are numbered slice, row, column while points are x, y, z: the order that looks outward turns round.
      triangles.push(...(here ? [a, c, b, a, d, c] : [a, b, c, a, c, d]));
    }
  }
  return triangles;
}

function centred(vertices: readonly number[]): Float32Array {
  const middle = [0, 1, 2].map((axis) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = axis; i < vertices.length; i += 3) {
      low = Math.min(low, vertices[i]);
      high = Math.max(high, vertices[i]);
    }
    return (low + high) / 2;
  });
  return Float32Array.from(vertices, (value, i) => value - middle[i % 3]);
}
