import { silent, type MetricValue, type Progress } from "../../core/index.js";
import { auc } from "../../metrics/index.js";
import { meanOf, scoreSlice, sliceMetrics, type SliceMetric } from "./measure.js";
import type { RasaloreModel } from "./network.js";
import { patientScores, type PatientScore } from "./patient.js";
import { predictPrepared, type SlicePrediction } from "./predict.js";
import { prepareSlice, type PreparedSlice } from "./prepare.js";
import type { GuidedSlice } from "./pseudo-masks.js";
import type { TensorFlow } from "./tensorflow.js";

export interface SliceRow {
  readonly case: string;
  readonly patient: string;
  readonly scores: Readonly<Record<SliceMetric, number>>;
}

/** One system measured on the unhealthy test slices. */
export interface Evaluation {
  /** `rasalore`, `ddpt`, `ddpt-medsam` … */
  readonly variant: string;
  readonly what: string;
  readonly rows: readonly SliceRow[];
  readonly metrics: readonly MetricValue[];
}

export interface EvaluateOptions {
  readonly tf: TensorFlow;
  readonly model: RasaloreModel;
  /** Test slices with what stage 1 makes of them; healthy ones serve the slice and patient scores. */
  readonly guided: readonly GuidedSlice[];
  readonly variant?: string;
  readonly what?: string;
  /** The pseudo masks themselves, scored alike. */
  readonly baselines?: "run" | "skip";
  readonly seed?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** A test slice, ready, with its prediction. */
export interface EvaluatedSlice {
  readonly guided: GuidedSlice;
  readonly prepared: PreparedSlice;
  readonly prediction: SlicePrediction;
}

/**
 * Scores stage 2 on every unhealthy test slice that has ground truth, and beside it the masks it was trained on: DDPT's, and the
 * segmenter's prompted by DDPT. Further: how well stage 1 tells slices apart, and whole patients (slices that stage 1 takes for healthy
 * count as empty).
 * @returns RASALoRE first
 * @see RASALoRE spec §5
 */
export async function evaluateRasalore(options: EvaluateOptions): Promise<{ evaluations: Evaluation[]; slices: EvaluatedSlice[] }> {
  const { tf, model, guided, variant = "rasalore", what = "both stages", baselines = "run", seed = 1, progress = silent, signal } = options;
  const ready = guided.flatMap((each) => {
    const prepared = prepareSlice(each.loaded, model.config, each.masks);
    return prepared?.truth === undefined ? [] : [{ guided: each, prepared }];
  });
  const predictions = await predictPrepared(tf, model, ready.map(({ prepared }) => prepared), { progress, signal });
  const slices = ready.map((each, i) => ({ ...each, prediction: predictions[i] }));
  const unhealthy = slices.filter(({ guided: { loaded } }) => loaded.slice.label === "unhealthy");
  const measured = (name: string, about: string, answer: (slice: EvaluatedSlice) => ArrayLike<number>, more: readonly MetricValue[] = []): Evaluation => {
    const rows = unhealthy.map((slice): SliceRow => ({ case: slice.prepared.id, patient: slice.prepared.patient, scores: scoreSlice(answer(slice), slice.prepared.truth!) }));
    return { variant: name, what: about, rows, metrics: [...summarise(rows, seed), ...more] };
  };
  const patients = patientMetrics(patientScores(slices, model.config.network.imageSize), seed);
  const evaluations = [measured(variant, what, ({ prediction }) => prediction.probability, patients)];
  if (baselines === "run") {
    const byte = (mask: Uint8Array): Uint8Array => mask.map((value) => (value > 127.5 ? 1 : 0));
    evaluations.push(measured("ddpt", "stage 1's map, at half of its maximum or more", ({ prepared }) => byte(prepared.mapLarge), sliceClassification(guided, seed)));
    evaluations.push(measured("ddpt-medsam", "the segmenter's mask, prompted by the box of stage 1's map", ({ prepared }) => byte(prepared.segmenterLarge)));
  }
  return { evaluations, slices };
}

export function summarise(rows: readonly SliceRow[], seed: number): MetricValue[] {
  return sliceMetrics.map(({ id, convention }) => meanOf(id, convention, rows.map(({ patient, scores }) => ({ patient, value: scores[id] })), seed));
}

/** How well stage 1 tells unhealthy slices from healthy ones. */
function sliceClassification(guided: readonly GuidedSlice[], seed: number): MetricValue[] {
  const sick = ({ loaded }: GuidedSlice): boolean => loaded.slice.label === "unhealthy";
  const right = guided.map((each) => ({ patient: each.loaded.slice.patient, value: each.prediction.unhealthy > 0.5 === sick(each) ? 1 : 0 }));
  const area = auc(guided.map(({ prediction }) => prediction.unhealthy), guided.map(sick));
  return [meanOf("slice_accuracy", "probability > 0.5", right, seed), { ...area, id: "slice_auc" }];
}

function patientMetrics(scores: readonly PatientScore[], seed: number): MetricValue[] {
  const cases = (of: (score: PatientScore) => number | undefined) => scores.flatMap((score) => {
    const value = of(score);
    return value === undefined ? [] : [{ patient: score.patient, value }];
  });
  return [
    meanOf("patient_dice", "extracted slices stacked, slices stage 1 takes for healthy empty, both-empty left out", cases(({ dice }) => dice), seed),
    meanOf("patient_lesion_f1", "any-overlap, full connectivity, extracted slices stacked", cases(({ lesionF1 }) => lesionF1), seed),
    meanOf("patient_lesion_f1_half", "IoU above ½, full connectivity, extracted slices stacked", cases(({ lesionF1Half }) => lesionF1Half), seed),
  ];
}

/** One mean out of a list. */
export const valueOf = (metrics: readonly MetricValue[], id: string): number | null => metrics.find((metric) => metric.id === id)?.value ?? null;
