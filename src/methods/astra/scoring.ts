import { InvalidValue, type Random } from "../../core/index.js";
import { thresholdAtFpr } from "../../metrics/index.js";
import {
  fitGaussian,
  fitPca,
  kMeans,
  mahalanobisSquared,
  project,
  residualEnergy,
  squaredDistance,
  type Gaussian,
  type PrincipalComponents,
  type Rows,
} from "../../stats/index.js";
import type { ScoringConfig } from "./config.js";

/** What normal sounds like: fitted to the training embeddings of one machine and one domain. */
export interface NormalModel {
  readonly config: ScoringConfig;
  readonly pca: PrincipalComponents;
  /** One Gaussian a cluster, in the space of the principal components. */
  readonly gaussians: readonly Gaussian[];
  /** One unit vector a cluster, in the space of the embeddings. */
  readonly directions: readonly Float64Array[];
  readonly mahalanobisScale: Scale;
  readonly cosineScale: Scale;
  readonly residualScale: Scale;
  /** Scores at or above it are called anomalous. */
  readonly threshold: number;
  /** Clips it was fitted to. */
  readonly clips: number;
}

interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

/** How far one clip is from normal; higher is more anomalous. */
export interface AnomalyScore {
  /** Squared Mahalanobis distance to the nearest cluster, ≥ 0. */
  readonly mahalanobis: number;
  /** 1 − cosine similarity to the nearest cluster's direction, in [0, 2]. */
  readonly cosine: number;
  /** Squared distance from the plane of the principal components, ≥ 0. */
  readonly residual: number;
  /** The weighted sum of all after z-scoring by the training clips. */
  readonly combined: number;
}

/**
 * Fits the model of normal sound (spec §5, steps 1–7): principal components, K-means, one Gaussian a cluster, the z-scores
 * of both distances and the threshold, all on the same training clips (so the real false alarm rate exceeds the nominal one).
 *
 * @param embeddings L2-normalised, one row a clip; at least K of them under the `fixed` rule
 * @param random     draws the starts of K-means
 * @throws InvalidValue when there are fewer clips than clusters
 */
export function fitNormalModel(embeddings: Rows, config: ScoringConfig, random: Random): NormalModel {
  const pca = fitPca(embeddings, { variance: config.pcaVariance });
  const points = embeddings.map((row) => project(pca, row));
  const dimensions = pca.components.length;
  const k = clusterCount(embeddings.length, dimensions, config);
  const { labels, centres } = kMeans(points, k, random);
  const members = centres.map((_, c) => [...labels.keys()].filter((i) => labels[i] === c));
  const filled = [...members.keys()].filter((c) => members[c].length > 0);
  const gaussians = filled.map((c) => {
    const own =
      members[c].length < dimensions + 2 ? [...members[c], ...nearestNeighbour(c, filled, centres, members)] : members[c];
    return fitGaussian(
      own.map((i) => points[i]),
      config.covariance,
    );
  });
  const directions = filled.map((c) => meanDirection(members[c].map((i) => embeddings[i])));
  const space = { pca, gaussians, directions };
  const distances = embeddings.map((row) => distancesOf(space, row));
  const scales = {
    mahalanobisScale: scaleOf(distances.map(({ mahalanobis }) => mahalanobis)),
    cosineScale: scaleOf(distances.map(({ cosine }) => cosine)),
    residualScale: scaleOf(distances.map(({ residual }) => residual)),
  };
  const combined = distances.map((distance) => combine({ config, ...scales }, distance));
  return {
    config,
    ...space,
    ...scales,
    threshold: thresholdAtFpr(combined, { fpr: config.targetFpr }),
    clips: embeddings.length,
  };
}

/** Scores one embedding against the model of normal sound. */
export function scoreEmbedding(model: NormalModel, embedding: Float64Array): AnomalyScore {
  const distances = distancesOf(model, embedding);
  return { ...distances, combined: combine(model, distances) };
}

type Distances = Omit<AnomalyScore, "combined">;

function distancesOf(
  { pca, gaussians, directions }: Pick<NormalModel, "pca" | "gaussians" | "directions">,
  embedding: Float64Array,
): Distances {
  const point = project(pca, embedding);
  return {
    mahalanobis: Math.min(...gaussians.map((gaussian) => mahalanobisSquared(point, gaussian))),
    cosine: Math.min(...directions.map((direction) => 1 - Math.max(-1, Math.min(1, dot(embedding, direction))))),
    residual: residualEnergy(pca, embedding),
  };
}

type Weighing = Pick<NormalModel, "config" | "mahalanobisScale" | "cosineScale" | "residualScale">;

/** Without cosine and residual the Mahalanobis z-score stands alone, unweighted, as in the repository. */
function combine(
  { config, mahalanobisScale, cosineScale, residualScale }: Weighing,
  { mahalanobis, cosine, residual }: Distances,
): number {
  const m = zScore(mahalanobis, mahalanobisScale);
  if (config.cosineWeight === 0 && config.residualWeight === 0) return m;
  return (
    config.mahalanobisWeight * m +
    config.cosineWeight * zScore(cosine, cosineScale) +
    config.residualWeight * zScore(residual, residualScale)
  );
}

const zScore = (value: number, { mean, deviation }: Scale): number => (value - mean) / (deviation + 1e-8);

function clusterCount(clips: number, dimensions: number, { clusters, clusterRule }: ScoringConfig): number {
  if (clusterRule === "safe") return Math.max(1, Math.min(clusters, Math.floor(clips / (dimensions + 2))));
  if (clips >= clusters) return clusters;
  throw new InvalidValue(
    "astra scoring",
    `needs at least ${clusters} normal clips for ${clusters} clusters`,
    clips,
    'Lower scoring.clusters or take scoring.clusterRule "safe".',
  );
}

/** The members of the filled cluster whose centre is nearest: lent once to a cluster too small for its own covariance. */
function nearestNeighbour(c: number, filled: readonly number[], centres: Rows, members: readonly number[][]): number[] {
  const others = filled.filter((other) => other !== c);
  if (others.length === 0) return [];
  return members[
    others.reduce((a, b) => (squaredDistance(centres[b], centres[c]) < squaredDistance(centres[a], centres[c]) ? b : a))
  ];
}

function meanDirection(rows: Rows): Float64Array {
  const sum = new Float64Array(rows[0].length);
  for (const row of rows) row.forEach((value, j) => (sum[j] += value / rows.length));
  const norm = Math.sqrt(dot(sum, sum)) + 1e-8;
  return sum.map((value) => value / norm);
}

/** Mean and population deviation; the deviation has + 1e-8 here and again where it divides, as in the repository. */
function scaleOf(values: readonly number[]): Scale {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) + 1e-8 };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}
