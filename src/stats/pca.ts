import { Matrix, SVD } from "ml-matrix";
import { InvalidValue, ShapeMismatch } from "../core/index.js";

/** Observations, one array a row, all of one length. */
export type Rows = readonly Float64Array[];

/** Where a cloud of points lies and along which directions it spreads. */
export interface PrincipalComponents {
  readonly mean: Float64Array;
  /** The kept directions, unit length, most variance first. The sign of each is arbitrary. */
  readonly components: readonly Float64Array[];
  /** The share of the total variance each kept direction carries, in [0, 1]. */
  readonly explained: Float64Array;
}

/**
 * Principal component analysis by a full singular value decomposition of the centred rows, without whitening.
 *
 * Keeps the smallest number of directions whose summed share of variance **exceeds** `variance`, as scikit-learn does for a
 * fractional `n_components`; 1 or more keeps all min(rows, columns) directions (scikit-learn refuses 1.0 there).
 * When every row is equal there is no spread: one direction is kept and every projection is 0.
 *
 * @param rows at least one row
 * @throws InvalidValue without rows or with a variance not above 0
 * @throws ShapeMismatch when rows differ in length
 * @example fitPca([[0, 0], [2, 2], [4, 4]].map((row) => Float64Array.from(row)), { variance: 0.98 }).components.length // 1
 * @see Jolliffe, Principal Component Analysis, 2002
 */
export function fitPca(rows: Rows, { variance = 1 }: { variance?: number } = {}): PrincipalComponents {
  if (rows.length === 0) throw new InvalidValue("fitPca", "needs at least one row", rows.length);
  if (!(variance > 0)) throw new InvalidValue("fitPca", "variance must be above 0", variance);
  const mean = columnMeans(rows);
  const centred = new Matrix(rows.map((row) => row.map((value, j) => value - mean[j])));
  const svd = new SVD(centred, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: true,
    autoTranspose: true,
  });
  const energy = svd.diagonal.map((singular) => singular ** 2);
  const total = energy.reduce((sum, value) => sum + value, 0);
  const shares = energy.map((value) => (total > 0 ? value / total : 0));
  const count = total > 0 ? keptDirections(shares, variance) : 1;
  const directions = svd.rightSingularVectors;
  return {
    mean,
    components: Array.from({ length: count }, (_, k) => Float64Array.from(directions.getColumn(k))),
    explained: Float64Array.from(shares.slice(0, count)),
  };
}

function keptDirections(shares: readonly number[], variance: number): number {
  if (variance >= 1) return shares.length;
  let sum = 0;
  const within = shares.findIndex((share) => (sum += share) > variance);
  return within < 0 ? shares.length : within + 1;
}

/** The coordinates of a point along the kept directions, [components]. */
export function project(pca: PrincipalComponents, row: Float64Array): Float64Array {
  return Float64Array.from(pca.components, (direction) =>
    direction.reduce((sum, weight, j) => sum + weight * (row[j] - pca.mean[j]), 0),
  );
}

/** The squared distance of a point from the plane of the kept directions: what {@link project} cannot see. */
export function residualEnergy(pca: PrincipalComponents, row: Float64Array): number {
  const total = row.reduce((sum, value, j) => sum + (value - pca.mean[j]) ** 2, 0);
  const seen = project(pca, row).reduce((sum, value) => sum + value ** 2, 0);
  return Math.max(0, total - seen);
}

/** The mean of each column. */
export function columnMeans(rows: Rows): Float64Array {
  const mean = new Float64Array(rows[0].length);
  for (const row of rows) {
    if (row.length !== mean.length)
      throw new ShapeMismatch("columnMeans", [mean.length], [row.length], "Every row must have the same columns.");
    for (let j = 0; j < mean.length; j++) mean[j] += row[j] / rows.length;
  }
  return mean;
}
