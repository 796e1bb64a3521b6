import type { CaseScore } from "../../core/index.js";
import { score } from "../value.js";
import { components, type Components } from "./components.js";
import { bothEmpty, requireSameLength, type Grid, type Mask, type OverlapOptions } from "./mask.js";

/**
 * `any-overlap`: a true lesion is found when any predicted voxel touches it; a predicted lesion that touches none is false.
 * `iou-half`: a predicted and a true lesion match when their IoU exceeds ½, which makes matches unique (panoptic rule).
 */
export type LesionConvention = "any-overlap" | "iou-half";

export interface LesionOptions extends OverlapOptions {
  readonly convention?: LesionConvention;
  readonly connectivity?: "full" | "faces";
}

/** How many lesions were found, missed and invented. */
export interface LesionCounts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

/**
 * Lesion-wise F1: 2·TP / (2·TP + FP + FN) over connected components, so a small lesion counts as much as a large one.
 *
 * @returns a score in [0, 1], or an exclusion when neither mask has a lesion
 * @throws ShapeMismatch, InvalidValue
 * @example lesionF1([1, 0, 1, 0, 0], [1, 0, 0, 0, 1], { shape: [1, 5], spacingMm: [1, 1] }) // 1 found, 1 false, 1 missed: 0.5
 * @see Carass et al., NeuroImage 2017 (any overlap); Kirillov et al., CVPR 2019 (IoU above ½)
 */
export function lesionF1(prediction: Mask, truth: Mask, grid: Grid, options: LesionOptions = {}): CaseScore {
  const { truePositives, falsePositives, falseNegatives } = lesionCounts(prediction, truth, grid, options);
  const total = 2 * truePositives + falsePositives + falseNegatives;
  return total === 0 ? bothEmpty(options.whenBothEmpty ?? "skip") : score((2 * truePositives) / total);
}

/** The counts behind {@link lesionF1}. */
export function lesionCounts(prediction: Mask, truth: Mask, grid: Grid, options: LesionOptions = {}): LesionCounts {
  requireSameLength(prediction, truth);
  const predicted = components(prediction, grid, options);
  const actual = components(truth, grid, options);
  const shared = sharedVoxels(predicted, actual);
  if (options.convention === "iou-half") {
    let matches = 0;
    for (const [key, voxels] of shared) {
      const p = Math.floor(key / (actual.count + 1));
      const t = key % (actual.count + 1);
      if (voxels / (predicted.sizes[p] + actual.sizes[t] - voxels) > 0.5) matches++;
    }
    return { truePositives: matches, falsePositives: predicted.count - matches, falseNegatives: actual.count - matches };
  }
  const touched = new Set([...shared.keys()].map((key) => key % (actual.count + 1)));
  const touching = new Set([...shared.keys()].map((key) => Math.floor(key / (actual.count + 1))));
  return {
    truePositives: touched.size,
    falsePositives: predicted.count - touching.size,
    falseNegatives: actual.count - touched.size,
  };
}

function sharedVoxels(predicted: Components, actual: Components): Map<number, number> {
  const shared = new Map<number, number>();
  for (let i = 0; i < predicted.labels.length; i++) {
    if (predicted.labels[i] === 0 || actual.labels[i] === 0) continue;
    const key = predicted.labels[i] * (actual.count + 1) + actual.labels[i];
    shared.set(key, (shared.get(key) ?? 0) + 1);
  }
  return shared;
}
