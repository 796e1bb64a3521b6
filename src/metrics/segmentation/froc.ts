import { InvalidValue, type MetricValue } from "../../core/index.js";
import { metricValue, undefinedMetric } from "../value.js";
import { components } from "./components.js";
import { requireSameLength, type Grid, type Mask } from "./mask.js";

/** What a detector said of one image. */
export interface LesionFindings {
  readonly case: string;
  /** True lesions in the image; 0 for a healthy one. */
  readonly lesions: number;
  readonly detections: readonly Detection[];
}

export interface Detection {
  /** The detector's confidence; only its order matters. */
  readonly score: number;
  /** Which true lesion it hits (0 … lesions − 1), or null when it hits none and so is false. */
  readonly lesion: number | null;
}

/** One point a distinct score, from the strictest threshold to the laxest; the first point is (0, 0) at Infinity. */
export interface FrocCurve {
  readonly thresholds: Float64Array;
  readonly falsePositivesPerImage: Float64Array;
  /** Share of all true lesions that are found. */
  readonly sensitivity: Float64Array;
}

/**
 * The rates at which challenges read the curve, in false positives an image.
 * `luna16`: ⅛, ¼, ½, 1, 2, 4, 8 (the mean is called CPM); `camelyon16`: ¼, ½, 1, 2, 4, 8.
 */
export type FrocConvention = "luna16" | "camelyon16";

const rates: Readonly<Record<FrocConvention, readonly number[]>> = {
  luna16: [0.125, 0.25, 0.5, 1, 2, 4, 8],
  camelyon16: [0.25, 0.5, 1, 2, 4, 8],
};

/**
 * Free-response ROC curve: the share of lesions found against the false positives an image, as the threshold falls.
 *
 * A lesion that several detections hit is found once, by the most confident of them; its other hits are neither true
 * nor false (the LUNA16 and CAMELYON16 rule). Healthy images count among the images. MONAI's `compute_froc_curve_data`
 * leaves out the laxest threshold, so its curve lacks our last point.
 *
 * @throws InvalidValue for a score that is not finite or a lesion that the image does not have
 * @example frocCurve([{ case: "a", lesions: 2, detections: [{ score: 0.9, lesion: 0 }, { score: 0.4, lesion: null }] }])
 * // thresholds [∞, 0.9, 0.4], falsePositivesPerImage [0, 0, 1], sensitivity [0, 0.5, 0.5]
 * @see Bunch et al., SPIE 1977; Setio et al., Medical Image Analysis 2017 (LUNA16)
 */
export function frocCurve(images: readonly LesionFindings[]): FrocCurve {
  const events = images.flatMap(firstHitsAndFalse).sort((a, b) => b.score - a.score);
  const lesions = images.reduce((sum, image) => sum + image.lesions, 0);
  const points = [{ threshold: Infinity, falsePositives: 0, found: 0 }];
  for (const { score, isHit } of events) {
    const last = points[points.length - 1];
    const point = score === last.threshold ? last : { ...last, threshold: score };
    if (point !== last) points.push(point);
    if (isHit) point.found++;
    else point.falsePositives++;
  }
  return {
    thresholds: Float64Array.from(points, ({ threshold }) => threshold),
    falsePositivesPerImage: Float64Array.from(points, ({ falsePositives }) => falsePositives / images.length),
    sensitivity: Float64Array.from(points, ({ found }) => (lesions === 0 ? NaN : found / lesions)),
  };
}

/**
 * The mean sensitivity at a challenge's false-positive rates, interpolated linearly between the points of the curve;
 * beyond its last point the curve stays level.
 *
 * @returns a value in [0, 1] with n images; null (`no-lesions`) when no image has a lesion
 * @throws InvalidValue as {@link frocCurve}
 * @example froc([{ case: "a", lesions: 1, detections: [{ score: 0.9, lesion: 0 }] }]).value // 1
 */
export function froc(images: readonly LesionFindings[], { convention = "luna16" }: { convention?: FrocConvention } = {}): MetricValue {
  const curve = frocCurve(images);
  if (images.every(({ lesions }) => lesions === 0)) return undefinedMetric("froc", convention, "no-lesions");
  const sensitivities = rates[convention].map((rate) => sensitivityAt(curve, rate));
  return metricValue("froc", convention, sensitivities.reduce((sum, value) => sum + value, 0) / sensitivities.length, images.length);
}

/** The curve's sensitivity at a rate of false positives an image; the best where it rises straight up. */
export function sensitivityAt({ falsePositivesPerImage: rate, sensitivity }: FrocCurve, wanted: number): number {
  let k = rate.length - 1;
  while (k > 0 && rate[k] > wanted) k--;
  if (k === rate.length - 1) return sensitivity[k];
  return sensitivity[k] + ((sensitivity[k + 1] - sensitivity[k]) * (wanted - rate[k])) / (rate[k + 1] - rate[k]);
}

/**
 * What a probability map detected: each connected component at or above the threshold is one detection, as confident
 * as its most probable voxel; it hits the true lesion of which it covers the most voxels.
 *
 * @param probability any scale, one value a voxel
 * @param truth mask of true lesions of the same shape; its connected components are the lesions
 * @throws ShapeMismatch, InvalidValue
 */
export function lesionFindings(name: string, probability: ArrayLike<number>, truth: Mask, grid: Grid, { threshold = 0.5 } = {}): LesionFindings {
  requireSameLength(probability, truth);
  const predicted = components(Uint8Array.from(probability, (p) => (p >= threshold ? 1 : 0)), grid);
  const actual = components(truth, grid);
  const score = new Float64Array(predicted.count).fill(-Infinity);
  const shared = Array.from({ length: predicted.count }, () => new Map<number, number>());
  for (let i = 0; i < probability.length; i++) {
    const at = predicted.labels[i] - 1;
    if (at < 0) continue;
    if (probability[i] > score[at]) score[at] = probability[i];
    const lesion = actual.labels[i] - 1;
    if (lesion >= 0) shared[at].set(lesion, (shared[at].get(lesion) ?? 0) + 1);
  }
  const detections = shared.map((voxels, at) => {
    const [most] = [...voxels].sort((a, b) => b[1] - a[1]);
    return { score: score[at], lesion: most ? most[0] : null };
  });
  return { case: name, lesions: actual.count, detections };
}

function firstHitsAndFalse({ case: name, lesions, detections }: LesionFindings): { score: number; isHit: boolean }[] {
  const best = new Map<number, number>();
  const events: { score: number; isHit: boolean }[] = [];
  for (const { score, lesion } of detections) {
    if (!Number.isFinite(score)) throw new InvalidValue(`score in ${name}`, "a detection's score must be finite", score);
    if (lesion === null) {
      events.push({ score, isHit: false });
      continue;
    }
    if (!Number.isInteger(lesion) || lesion < 0 || lesion >= lesions) {
      throw new InvalidValue(`lesion in ${name}`, `the image has ${lesions} lesions, numbered from 0`, lesion);
    }
    best.set(lesion, Math.max(best.get(lesion) ?? -Infinity, score));
  }
  for (const score of best.values()) events.push({ score, isHit: true });
  return events;
}
