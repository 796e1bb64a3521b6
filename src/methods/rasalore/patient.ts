import { dice, lesionF1 } from "../../metrics/index.js";
import type { EvaluatedSlice } from "./evaluate.js";
import { placeBack } from "./place-back.js";

export interface PatientScore {
  readonly patient: string;
  /** Undefined where prediction and truth are both empty. */
  readonly dice: number | undefined;
  /** A mask that covers everything is one lesion that touches the true one, and scores 1. */
  readonly lesionF1: number | undefined;
  /** The same where only an IoU above ½ counts as found: a mask that covers everything scores 0. */
  readonly lesionF1Half: number | undefined;
}

/**
 * Scores whole patients: their extracted slices stacked, each in the scan's own pixels; a slice that stage 1 takes for healthy is
 * predicted empty. Ambiguous slices were never extracted and are missing on both sides.
 */
export function patientScores(slices: readonly EvaluatedSlice[], imageSize: number): PatientScore[] {
  const patients = [...new Set(slices.map(({ prepared }) => prepared.patient))];
  return patients.map((patient) => {
    const own = slices.filter(({ prepared }) => prepared.patient === patient).sort((a, b) => a.guided.loaded.slice.z - b.guided.loaded.slice.z);
    const [{ width, height }] = own.map(({ guided }) => guided.loaded);
    const predicted = new Uint8Array(own.length * width * height);
    const truth = new Uint8Array(predicted.length);
    for (const [i, { guided, prepared, prediction }] of own.entries()) {
      truth.set(guided.loaded.mask!.map((value) => (value > 0 ? 1 : 0)), i * width * height);
      if (guided.prediction.unhealthy <= 0.5) continue;
      const whole = placeBack(prediction.probability, 2 * imageSize, prepared.crop, height, width);
      predicted.set(Uint8Array.from(whole, (p) => (p > 0.5 ? 1 : 0)), i * width * height);
    }
    const overlap = dice(predicted, truth);
    const lesions = (["any-overlap", "iou-half"] as const).map((convention) => lesionF1(predicted, truth, { shape: [own.length, height, width], spacingMm: [1, 1, 1] }, { convention }));
    const [any, half] = lesions.map((answer) => ("score" in answer ? answer.score : undefined));
    return { patient, dice: "score" in overlap ? overlap.score : undefined, lesionF1: any, lesionF1Half: half };
  });
}
