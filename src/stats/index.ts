export { covarianceKinds, fitGaussian, mahalanobisSquared, pseudoInverse, type CovarianceKind, type Gaussian } from "./covariance.js";
export { kMeans, squaredDistance, type Clusters } from "./kmeans.js";
export { columnMeans, fitPca, project, residualEnergy, type PrincipalComponents, type Rows } from "./pca.js";
