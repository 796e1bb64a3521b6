export type { CaseScore, Exclusion, Interval, MetricValue } from "../core/index.js";
export { auc, aucOf } from "./detection/auc.js";
export { confusionAt, decisionMetrics, decisionMetricsOf, type Confusion, type DecisionMetric } from "./detection/confusion.js";
export { dcaseScore, harmonicMean, type DcaseClip, type DcaseOptions, type DcaseScore } from "./detection/dcase-score.js";
export {
  aucWithInterval,
  averagePrecisionWithInterval,
  paucWithInterval,
  rankingMetrics,
  type DetectionIntervalOptions,
} from "./detection/intervals.js";
export { pointAtFpr, thresholdAtFpr, youdenPoint, type OperatingPoint } from "./detection/operating-point.js";
export { pauc, paucOf, type PaucConvention, type PaucOptions } from "./detection/pauc.js";
export { auprc, averagePrecision, precisionRecallCurve, type PrecisionRecallCurve } from "./detection/precision-recall.js";
export { rankScores, type Labels, type RankedScores, type Scores } from "./detection/ranked.js";
export { rocCurve, type RocCurve } from "./detection/roc.js";
export {
  inCaseOrder,
  resampledAuc,
  resampledAveragePrecision,
  resampledPauc,
  sortCases,
  type SortedCases,
} from "./detection/weighted.js";
export { excluded, meanOverCases, metricValue, score, undefinedMetric, type NamedScore } from "./value.js";
export { assd, assdOf, masd, masdOf } from "./segmentation/average-surface-distance.js";
export { boundaryIou, boundaryWidth, type BoundaryIouOptions } from "./segmentation/boundary-iou.js";
export { clDice } from "./segmentation/cl-dice.js";
export { components, type Components } from "./segmentation/components.js";
export { cropPair, type CroppedPair } from "./segmentation/crop.js";
export { dice, diceOf } from "./segmentation/dice.js";
export { distanceTransform } from "./segmentation/distance-transform.js";
export { emptyDistance, type DistanceOptions } from "./segmentation/empty.js";
export {
  froc,
  frocCurve,
  lesionFindings,
  sensitivityAt,
  type Detection,
  type FrocConvention,
  type FrocCurve,
  type LesionFindings,
} from "./segmentation/froc.js";
export { hausdorff, hausdorffOf, hd95, hd95Of, type Hd95Convention } from "./segmentation/hausdorff.js";
export { iou, iouOf } from "./segmentation/iou.js";
export {
  lesionCounts,
  lesionF1,
  type LesionConvention,
  type LesionCounts,
  type LesionOptions,
} from "./segmentation/lesion-f1.js";
export {
  overlap,
  overlapByLabel,
  type BothEmpty,
  type Grid,
  type Mask,
  type Overlap,
  type OverlapOptions,
} from "./segmentation/mask.js";
export { skeleton } from "./segmentation/skeleton.js";
export { surfaceDice, surfaceDiceOf, voxelSurfaceDiceOf, type SurfaceDiceConvention } from "./segmentation/surface-dice.js";
export { surfaceDistances, surfaceDistancesOf, type SurfaceDistances } from "./segmentation/surface.js";
export { robustHausdorff, surfelDistancesOf, type SurfelDistances } from "./segmentation/surfel.js";
export { volumeDifference, volumeDifferenceOf, type VolumeConvention } from "./segmentation/volume-difference.js";
export { brier } from "./calibration/brier.js";
export { ece, reliability, resampledEce, type EceOptions, type ReliabilityBin } from "./calibration/ece.js";
export { fleissKappa, fleissKappaOfCounts, pairwiseAgreement } from "./multirater/agreement.js";
export { diceAtThresholds, diceMatch, diceMax, dicePersonal, diceSoft, type MatchDivisor } from "./multirater/dice-sets.js";
export { ged, type GedOptions } from "./multirater/ged.js";
export { overlapTable } from "./multirater/set-overlap.js";
export { assign } from "./multirater/hungarian.js";
export type { OverlapKind } from "./multirater/set-overlap.js";
export { staple, type StapleResult } from "./multirater/staple.js";
export { nmse } from "./reconstruction/nmse.js";
export { meanSquaredError, psnr, type Image } from "./reconstruction/psnr.js";
export { ssim, type SsimOptions } from "./reconstruction/ssim.js";
export { bleu } from "./text/bleu.js";
export { rouge1, rougeL } from "./text/rouge.js";
export { saysFar, zoneAccuracy, zoneOf, type Zone, type ZoneAccuracy } from "./text/zone.js";
export { structureMeasure, type StructureConvention } from "./salience/structure-measure.js";
export { sweepMetrics, thresholdSweep, type SweepCurves } from "./salience/threshold-sweep.js";
export { weightedF, type WeightedFBorder } from "./salience/weighted-f.js";
