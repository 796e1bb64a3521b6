import type { ModelConfig, ScoringConfig } from "./config.js";

/** Another way to score one trained model; nothing is trained again. */
export interface Variant {
  readonly name: string;
  /** In a sentence, for the table's legend. */
  readonly what: string;
  readonly scoring?: Partial<ScoringConfig>;
  /** Pools the trained model's patches alike instead of by attention. */
  readonly pooling?: ModelConfig["pooling"];
  /** Pixels at evaluation other than the model's own. */
  readonly evalNormalisation?: "training" | "half";
}

/** The method as it is. */
export const mainVariant: Variant = {
  name: "attention",
  what: "ASTRA: attention pooling, K-means clusters, 0.7 Mahalanobis + 0.3 cosine",
};

/** What an ablation changes, one thing at a time; all from the same trained encoder. */
export const ablations: readonly Variant[] = [
  { name: "mean-pooling", what: "every patch counts alike when the trained encoder is used", pooling: "mean" },
  { name: "clusters-1", what: "one cluster instead of five", scoring: { clusters: 1 } },
  {
    name: "clusters-safe",
    what: "as many clusters as the clips can carry: ⌊n/(q+2)⌋ at most",
    scoring: { clusterRule: "safe" },
  },
  { name: "covariance-oas", what: "oracle-approximating shrinkage instead of Ledoit–Wolf", scoring: { covariance: "oas" } },
  { name: "covariance-empirical", what: "no shrinkage", scoring: { covariance: "empirical" } },
  { name: "covariance-diag", what: "variances alone", scoring: { covariance: "diag" } },
  { name: "pca-off", what: "all principal components", scoring: { pcaVariance: 1 } },
  {
    name: "pca-residual",
    what: "0.3 of the energy outside the principal components added",
    scoring: { residualWeight: 0.3 },
  },
  { name: "cosine-only", what: "the cosine distance alone", scoring: { mahalanobisWeight: 0, cosineWeight: 1 } },
  { name: "mahalanobis-only", what: "the Mahalanobis distance alone", scoring: { cosineWeight: 0 } },
  {
    name: "normalisation-half",
    what: "pixels scaled by 0.5 at evaluation, as the repository does",
    evalNormalisation: "half",
  },
];
