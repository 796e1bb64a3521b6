import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { InvalidValue } from "../core/index.js";
import { columnMeans, type Rows } from "./pca.js";

/**
 * How a covariance is estimated from few rows (spec names in brackets are scikit-learn's classes):
 * `empirical` divides by n (EmpiricalCovariance) · `lw` shrinks towards a multiple of the identity by Ledoit & Wolf's rule
 * (LedoitWolf) · `oas` by Chen's oracle-approximating rule (OAS) · `diag` keeps the variances alone, each + 1e-8.
 */
export type CovarianceKind = "lw" | "oas" | "empirical" | "diag";

export const covarianceKinds: readonly CovarianceKind[] = ["lw", "oas", "empirical", "diag"];

/** A fitted normal distribution; matrices are row-major [size × size]. */
export interface Gaussian {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
  /** The (pseudo-)inverse of the covariance. */
  readonly precision: Float64Array;
  /** The weight of the identity in [0, 1]; 0 for the kinds that do not shrink. */
  readonly shrinkage: number;
}

/**
 * Fits mean, covariance and precision to rows.
 *
 * The precision of `lw`, `oas` and `empirical` is the symmetric pseudo-inverse, so a cloud that fills no volume is measured only
 * along the directions it has: a distance orthogonal to it counts 0, as in scikit-learn.
 *
 * @param rows at least one row
 * @throws InvalidValue without rows
 * @example
 * const rows = [[1, 2], [3, 1], [4, 6], [7, 5], [5, 9]].map((row) => Float64Array.from(row));
 * fitGaussian(rows, "lw").shrinkage                                         // 0.5113
 * mahalanobisSquared(Float64Array.of(6, 2), fitGaussian(rows, "lw"))        // 2.3876
 * @see Ledoit & Wolf 2004; Chen et al., Shrinkage Algorithms for MMSE Covariance Estimation, 2010
 */
export function fitGaussian(rows: Rows, kind: CovarianceKind): Gaussian {
  if (rows.length === 0) throw new InvalidValue("fitGaussian", "needs at least one row", rows.length);
  const mean = columnMeans(rows);
  const centred = rows.map((row) => row.map((value, j) => value - mean[j]));
  if (kind === "diag") return diagonal(mean, centred);
  const size = mean.length;
  const scatter = secondMoments(centred, (value) => value);
  const shrinkage =
    kind === "lw"
      ? ledoitWolf(scatter, centred, size)
      : kind === "oas"
        ? oracleApproximating(scatter, rows.length, size)
        : 0;
  const level = trace(scatter, size) / size;
  const covariance = scatter.map((value, at) => (1 - shrinkage) * value + (at % (size + 1) === 0 ? shrinkage * level : 0));
  return { mean, covariance, precision: pseudoInverse(covariance, size), shrinkage };
}

function diagonal(mean: Float64Array, centred: Rows): Gaussian {
  const size = mean.length;
  const covariance = new Float64Array(size * size);
  for (let j = 0; j < size; j++)
    covariance[j * (size + 1)] = centred.reduce((sum, row) => sum + row[j] ** 2, 0) / centred.length + 1e-8;
  return { mean, covariance, precision: covariance.map((value) => (value === 0 ? 0 : 1 / value)), shrinkage: 0 };
}

/** S_ij = mean over rows of f(x_i)·f(x_j). */
function secondMoments(rows: Rows, f: (value: number) => number): Float64Array {
  const size = rows[0].length;
  const moments = new Float64Array(size * size);
  for (const row of rows) {
    const x = row.map(f);
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) moments[i * size + j] += x[i] * x[j];
  }
  return moments.map((value) => value / rows.length);
}

function ledoitWolf(scatter: Float64Array, centred: Rows, size: number): number {
  if (size === 1) return 0;
  const level = trace(scatter, size) / size;
  const squaredNorm = total(scatter.map((value) => value ** 2));
  const delta = (squaredNorm - size * level ** 2) / size;
  const fourth = total(secondMoments(centred, (value) => value ** 2));
  const beta = Math.min((fourth - squaredNorm) / (size * centred.length), delta);
  return beta <= 0 ? 0 : beta / delta;
}

function oracleApproximating(scatter: Float64Array, n: number, size: number): number {
  if (size === 1) return 0;
  const level = trace(scatter, size) / size;
  const alpha = total(scatter.map((value) => value ** 2)) / size ** 2;
  const denominator = (n + 1) * (alpha - level ** 2 / size);
  return denominator === 0 ? 1 : Math.min(1, (alpha + level ** 2) / denominator);
}

/**
 * Moore–Penrose inverse of a symmetric matrix: eigenvalues with |λ| ≤ eps·size·max|λ| count as 0 (scipy's `pinvh`).
 * @param matrix row-major [size × size]
 */
export function pseudoInverse(matrix: Float64Array, size: number): Float64Array {
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(
    Matrix.from1DArray(size, size, matrix),
    { assumeSymmetric: true },
  );
  const limit = Number.EPSILON * size * Math.max(...values.map(Math.abs));
  const inverse = new Float64Array(size * size);
  values.forEach((value, k) => {
    if (Math.abs(value) <= limit) return;
    const direction = vectors.getColumn(k);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) inverse[i * size + j] += (direction[i] * direction[j]) / value;
  });
  return inverse;
}

/** (x − μ)ᵀ P (x − μ), the squared Mahalanobis distance; never below 0. */
export function mahalanobisSquared(x: Float64Array, { mean, precision }: Pick<Gaussian, "mean" | "precision">): number {
  const size = mean.length;
  const offset = x.map((value, j) => value - mean[j]);
  let distance = 0;
  for (let i = 0; i < size; i++) {
    let along = 0;
    for (let j = 0; j < size; j++) along += precision[i * size + j] * offset[j];
    distance += offset[i] * along;
  }
  return Math.max(0, distance);
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
const trace = (matrix: Float64Array, size: number): number => total(matrix.filter((_, at) => at % (size + 1) === 0));
