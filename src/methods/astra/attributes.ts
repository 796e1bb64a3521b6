import { selectClips, type DcaseClip, type DcaseDataset } from "../../datasets/index.js";
import type { CorrectionsConfig } from "./config.js";

/** How a machine's attribute vectors are shifted and scaled: (a − mean)/deviation. */
export interface AttributeScale {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** By machine; learned from the training clips. */
export type AttributeScales = Readonly<Record<string, AttributeScale>>;

/** Mean and population deviation of each machine's training attributes; a constant attribute has deviation 1. */
export function fitAttributeScales({ clips, machines }: Pick<DcaseDataset, "clips" | "machines">): AttributeScales {
  return Object.fromEntries(machines.map((machine) => [machine, scaleOf(selectClips(clips, { machine, split: "train" }))]));
}

/** The vector the model is given for a clip, [A]: zeros under `zero`, as the repository does. */
export function attributeInput(
  clip: DcaseClip,
  scales: AttributeScales,
  { attributes, attributeScale }: CorrectionsConfig,
): readonly number[] {
  const vector = clip.attributeVector;
  if (attributes === "zero") return vector.map(() => 0);
  const scale = scales[clip.machine];
  if (attributeScale === "raw" || scale === undefined) return vector;
  return vector.map((value, j) => (value - scale.mean[j]) / scale.deviation[j]);
}

function scaleOf(clips: readonly DcaseClip[]): AttributeScale {
  const width = clips[0]?.attributeVector.length ?? 0;
  const columns = Array.from({ length: width }, (_, j) => clips.map((clip) => clip.attributeVector[j]));
  const mean = columns.map((column) => average(column));
  const deviation = columns.map((column, j) => Math.sqrt(average(column.map((value) => (value - mean[j]) ** 2))) || 1);
  return { mean, deviation };
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
