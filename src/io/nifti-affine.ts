/** A 4 × 4 matrix, rows first: [x, y, z, 1] in the world = affine · [i, j, k, 1]. */
export type Affine = readonly (readonly number[])[];
export type Triple = readonly [number, number, number];

/** `qform`'s part of a header. */
export interface Quaternion {
  readonly bcd: Triple;
  readonly offset: Triple;
  /** pixdim[0], −1 for a left-handed grid, 1 for every other value. */
  readonly qfac: number;
}

/**
 * The affine of a rotation given as the last three parts of a unit quaternion.
 * @param threshold how far below 0 the square of the first part may fall by rounding
 * @returns undefined when b² + c² + d² is more than 1: no rotation has such parts
 * @see nifti1.h METHOD 2; nibabel 5.4.2 get_qform, fillpositive, quat2mat
 */
export function affineFromQuaternion(
  { bcd, offset, qfac }: Quaternion,
  zooms: Triple,
  threshold: number,
): Affine | undefined {
  const [x, y, z] = bcd;
  const square = 1 - (x * x + y * y + z * z);
  if (!(square > -threshold)) return undefined;
  const w = Math.abs(square) < threshold ? 0 : Math.sqrt(square);
  const s = 2 / (w * w + x * x + y * y + z * z);
  const rotation = [
    [1 - s * (y * y + z * z), s * (x * y - w * z), s * (x * z + w * y)],
    [s * (x * y + w * z), 1 - s * (x * x + z * z), s * (y * z - w * x)],
    [s * (x * z - w * y), s * (y * z + w * x), 1 - s * (x * x + y * y)],
  ];
  const [dx, dy, dz] = zooms;
  return [...rotation.map(([a, b, c], row) => [a * dx, b * dy, c * dz * qfac, offset[row]]), [0, 0, 0, 1]];
}

/** Without sform and qform: the grid's centre at 0, x from right to left as ANALYZE had it (nibabel's base affine). */
export function centredAffine(shape: readonly number[], zooms: Triple): Affine {
  const steps = [-zooms[0], zooms[1], zooms[2]];
  const row = (axis: number): number[] => {
    const values = [0, 0, 0, (-((shape[axis] ?? 1) - 1) / 2) * steps[axis]];
    values[axis] = steps[axis];
    return values;
  };
  return [row(0), row(1), row(2), [0, 0, 0, 1]];
}

/** Length of one step along each voxel axis. */
export function voxelSizes(affine: Affine): Triple {
  const size = (axis: number): number => Math.hypot(affine[0][axis], affine[1][axis], affine[2][axis]);
  return [size(0), size(1), size(2)];
}

/**
 * To which side of the body each voxel axis points: "RAS", "LPS" …; "?" for an axis of no extent.
 * @example orientationOf([[-2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]]) // "LAS"
 * @see nibabel 5.4.2 orientations.aff2axcodes
 */
export function orientationOf(affine: Affine): string {
  const rotation = nearestRotation(affine);
  const column = (axis: number): number[] => rotation.map((row) => row[axis]);
  const letters = ["?", "?", "?"];
  // The clearest axis chooses first, so that oblique axes never get the same letter.
  const strength = [0, 1, 2].map((axis) => Math.max(...column(axis).map((value) => value * value)));
  for (const axis of [0, 1, 2].sort((a, b) => strength[b] - strength[a])) {
    const sizes = column(axis).map(Math.abs);
    if (sizes.every((size) => size <= 1e-8)) continue;
    const world = sizes.indexOf(Math.max(...sizes));
    letters[axis] = ["LR", "PA", "IS"][world][rotation[world][axis] > 0 ? 1 : 0];
    rotation[world] = [0, 0, 0];
  }
  return letters.join("");
}

/**
 * The rotation nearest to an affine once zooms and shears are taken off: U · Vᵀ of its singular value decomposition,
 * by one-sided Jacobi rotations; directions of no extent are left out.
 */
export function nearestRotation(affine: Affine): number[][] {
  const sizes = voxelSizes(affine);
  const u = [0, 1, 2].map((axis) => [0, 1, 2].map((row) => affine[row][axis] / (sizes[axis] || 1))); // columns
  const v = [0, 1, 2].map((axis) => [0, 1, 2].map((row) => (row === axis ? 1 : 0)));
  for (let sweep = 0; sweep < 30; sweep++) {
    for (const [p, q] of [[0, 1], [0, 2], [1, 2]]) orthogonalize(u, v, p, q); // prettier-ignore
  }
  const singular = u.map((column) => Math.hypot(...column));
  const least = Math.max(...singular) * 3 * Number.EPSILON;
  const kept = [0, 1, 2].filter((k) => singular[k] > least);
  return [0, 1, 2].map((row) =>
    [0, 1, 2].map((axis) => kept.reduce((sum, k) => sum + (u[k][row] / singular[k]) * v[k][axis], 0)),
  );
}

function orthogonalize(u: number[][], v: number[][], p: number, q: number): void {
  const dot = (a: readonly number[], b: readonly number[]): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const mixed = dot(u[p], u[q]);
  const [pp, qq] = [dot(u[p], u[p]), dot(u[q], u[q])];
  if (Math.abs(mixed) <= Number.EPSILON * Math.sqrt(pp * qq)) return;
  const zeta = (qq - pp) / (2 * mixed);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cosine = 1 / Math.hypot(1, tangent);
  for (const columns of [u, v]) {
    const [a, b] = [columns[p], columns[q]];
    columns[p] = a.map((value, row) => cosine * (value - tangent * b[row]));
    columns[q] = b.map((value, row) => cosine * (value + tangent * a[row]));
  }
}

/** The qform of an affine: its nearest rotation as a unit quaternion with a first part ≥ 0. */
export function quaternionFrom(affine: Affine): Quaternion {
  const r = nearestRotation(affine);
  const determinant =
    r[0][0] * (r[1][1] * r[2][2] - r[1][2] * r[2][1]) -
    r[0][1] * (r[1][0] * r[2][2] - r[1][2] * r[2][0]) +
    r[0][2] * (r[1][0] * r[2][1] - r[1][1] * r[2][0]);
  const qfac = determinant < 0 ? -1 : 1;
  for (const row of r) row[2] *= qfac;
  // Each of the four squared parts, in turn the largest, is a safe divisor for the others.
  const trace = [
    r[0][0] + r[1][1] + r[2][2],
    r[0][0] - r[1][1] - r[2][2],
    r[1][1] - r[0][0] - r[2][2],
    r[2][2] - r[0][0] - r[1][1],
  ];
  const largest = trace.indexOf(Math.max(...trace));
  const s = 2 * Math.sqrt(1 + trace[largest]);
  const [wx, wy, wz] = [r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1]];
  const [xy, xz, yz] = [r[0][1] + r[1][0], r[0][2] + r[2][0], r[1][2] + r[2][1]];
  const own = (s * s) / 4;
  const products = [
    [own, wx, wy, wz],
    [wx, own, xy, xz],
    [wy, xy, own, yz],
    [wz, xz, yz, own],
  ];
  const parts = products[largest].map((product) => product / s);
  const sign = parts[0] < 0 ? -1 : 1;
  return {
    bcd: [sign * parts[1], sign * parts[2], sign * parts[3]],
    offset: [affine[0][3], affine[1][3], affine[2][3]],
    qfac,
  };
}
