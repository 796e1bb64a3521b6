export {
  covarianceKinds,
  fitGaussian,
  mahalanobisSquared,
  pseudoInverse,
  type CovarianceKind,
  type Gaussian,
} from "./covariance.js";
export { kMeans, squaredDistance, type Clusters } from "./kmeans.js";
export { columnMeans, fitPca, project, residualEnergy, type PrincipalComponents, type Rows } from "./pca.js";
export { bcaLimits, bootstrap, bootstrapTogether, jackknife, percentileLimits, weightedMean } from "./bootstrap.js";
export type { BootstrapOptions, Limits, ResampleStatistic } from "./bootstrap.js";
export { delong, delongInterval, delongTest, type DeLongEstimate, type DeLongTest, type ScoresByClass } from "./delong.js";
export { normalCdf, normalQuantile, normalUpperTail } from "./normal.js";
export { argsort, midranks } from "./ranks.js";
export { eachResample, planResamples, type ResampleDesign, type ResamplePlan } from "./resample.js";
export { mean, quantile, quantileOfSorted, standardDeviation, type Numbers, type QuantileMethod } from "./summary.js";
export { adjustComparisons, boldMethods, comparePaired, compareStatistics, excludesZero } from "./comparison.js";
export type { Comparison, ComparisonOptions, MethodScores } from "./comparison.js";
export { criticalDifference, type CriticalDifference } from "./critical-difference.js";
export { cliffDelta, cohenDz } from "./effect-size.js";
export { holm } from "./holm.js";
export { permutationTest, type PermutationOptions, type PermutationResult } from "./permutation.js";
export { casesForGap, casesForHalfWidth, type SampleSizeOptions } from "./sample-size.js";
export { seedSpread, type SeedSpread } from "./seeds.js";
export { chiSquareUpperTail, incompleteBeta, logGamma, studentTCdf, studentTQuantile } from "./special.js";
export { wilcoxon, type WilcoxonResult } from "./wilcoxon.js";
export { fitGamma, gammaQuantile, type GammaDistribution } from "./gamma.js";
