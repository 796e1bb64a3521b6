import type { CaseScore, Exclusion, MetricValue } from "../../core/index.js";
import { acdcStructures, type AcdcStructure, type CineSlice } from "../../datasets/index.js";
import { dice, hd95, iou, nmse, psnr } from "../../metrics/index.js";
import { bootstrapTogether, type ResampleStatistic } from "../../stats/index.js";
import { mean, pooledDice, type Prediction } from "./predict.js";
import { sliceSsim } from "./train-policy.js";

/** Scores of one slice; null where a score says nothing. */
export interface SliceScores {
  readonly slice: string;
  readonly patient: string;
  readonly ssim: number;
  /** dB; null for an exact reconstruction. */
  readonly psnr: number | null;
  readonly mse: number;
  /** Mean of the structures' IoU, absent ones left out. */
  readonly miou: number | null;
  /** One foreground against background, as the release's `compute_miou` does on a label map. */
  readonly fg_iou: number | null;
  /** The release's coefficient without background: an absent structure that is not predicted counts 1. */
  readonly dice_slice: number;
}

/** Scores of one volume, a patient at one phase. */
export interface VolumeScores {
  readonly volume: string;
  readonly patient: string;
  readonly phase: string;
  readonly group: string;
  readonly dice: Readonly<Record<AcdcStructure, number | null>>;
  /** mm (pixels without a sidecar); null where one side is empty. */
  readonly hd95: Readonly<Record<AcdcStructure, number | null>>;
  readonly nmse: number | null;
  /** Dice by the second network, which never rewarded; null without one. */
  readonly secondDice: Readonly<Record<AcdcStructure, number | null>> | null;
}

export interface Scores {
  readonly slices: readonly SliceScores[];
  readonly volumes: readonly VolumeScores[];
  /** Dice of all slices together: RV, MYO, LV. */
  readonly pooled: readonly [number, number, number];
}

const scoreOf = (result: CaseScore): number | null => ("score" in result ? result.score : null);
const masks = (label: Uint8Array): Uint8Array[] => [1, 2, 3].map((structure) => label.map((value) => (value === structure ? 1 : 0)));

/**
 * Predictions of all slices scored slice by slice and volume by volume.
 * @param second what the independently trained network says of the same reconstructions' k-space
 * @see ASMR-seg spec §5.2
 */
export function scorePredictions(slices: readonly CineSlice[], predicted: readonly Prediction[], second?: readonly Prediction[]): Scores {
  const volumes = new Map<string, number[]>();
  for (const [i, { volume }] of slices.entries()) volumes.set(volume, [...(volumes.get(volume) ?? []), i]);
  return {
    slices: slices.map((slice, i) => scoreSlice(slice, predicted[i])),
    volumes: [...volumes].map(([volume, members]) => scoreVolume(volume, members.map((i) => slices[i]), members.map((i) => predicted[i]), second && members.map((i) => second[i]))),
    pooled: pooledDice(predicted.map(({ label }) => label), slices.map(({ label }) => label)),
  };
}

/** Squared error of an exact reconstruction in single precision; its PSNR would measure the arithmetic. */
const rounding = 1e-10;

function scoreSlice({ id, patient, image, label, size }: CineSlice, { picture, label: answer }: Prediction): SliceScores {
  const [truth, own] = [masks(label), masks(answer)];
  const ious = truth.map((mask, i) => scoreOf(iou(own[i], mask))).filter((value) => value !== null);
  const mse = picture.reduce((sum, value, i) => sum + (value - image[i]) ** 2, 0) / picture.length;
  return {
    slice: id, patient, mse,
    ssim: sliceSsim(picture, image, size),
    psnr: mse < rounding ? null : scoreOf(psnr(picture, image, 1)),
    miou: ious.length === 0 ? null : mean(ious),
    fg_iou: scoreOf(iou(answer, label)),
    dice_slice: mean(truth.map((mask, i) => scoreOf(dice(own[i], mask, { whenBothEmpty: "one" }))!)),
  };
}

function scoreVolume(volume: string, slices: readonly CineSlice[], predicted: readonly Prediction[], second: readonly Prediction[] | undefined): VolumeScores {
  const [{ patient, phase, group, size, spacingMm: [dx, dy, dz] }] = slices;
  const truth = masks(joined(slices.map(({ label }) => label)));
  const own = masks(joined(predicted.map(({ label }) => label)));
  const grid = { shape: [slices.length, size, size], spacingMm: [dz, dy, dx] };
  const diceOf = (answer: readonly Uint8Array[]) => byStructure((i) => scoreOf(dice(answer[i], truth[i])));
  return {
    volume, patient, phase: phase ?? "", group: group ?? "",
    dice: diceOf(own),
    hd95: byStructure((i) => (truth[i].includes(1) && own[i].includes(1) ? scoreOf(hd95(own[i], truth[i], grid)) : null)),
    nmse: scoreOf(nmse(predicted.flatMap(({ picture }) => [...picture]), slices.flatMap(({ image }) => [...image]))),
    secondDice: second === undefined ? null : diceOf(masks(joined(second.map(({ label }) => label)))),
  };
}

const byStructure = (score: (i: number) => number | null): Record<AcdcStructure, number | null> =>
  Object.fromEntries(acdcStructures.map((name, i) => [name, score(i)])) as Record<AcdcStructure, number | null>;

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Columns of values whose means are averaged: one column is a plain mean, three are the mean over structures. */
interface Averaged {
  readonly id: string;
  readonly convention: string;
  readonly columns: readonly (readonly (number | null)[])[];
  readonly names: readonly string[];
  readonly patients: readonly string[];
  readonly reason: string;
}

/**
 * All measures with intervals that resample patients, 1,000 times, as metric values of one budget.
 * @param budget of lines; the group of every value
 */
export function summarise({ slices, volumes, pooled }: Scores, budget: number, spacing: "mm" | "pixels", seed = 0): MetricValue[] {
  const ofVolumes = (id: string, convention: string, reason: string, ...columns: ((each: VolumeScores) => number | null)[]): Averaged => (
    { id, convention, reason, columns: columns.map((column) => volumes.map(column)), names: volumes.map(({ volume }) => volume), patients: volumes.map(({ patient }) => patient) });
  const ofSlices = (id: keyof Omit<SliceScores, "slice" | "patient">, convention: string, reason = "both-empty"): Averaged => (
    { id, convention, reason, columns: [slices.map((each) => each[id])], names: slices.map(({ slice }) => slice), patients: slices.map(({ patient }) => patient) });
  const each = <T>(make: (name: AcdcStructure) => T): T[] => acdcStructures.map(make);
  const measures: Averaged[] = [
    ofVolumes("dice", "volume, both-empty excluded, mean of the structures' means", "both-empty", ...each((name) => (v: VolumeScores) => v.dice[name])),
    ...each((name) => ofVolumes(`dice_${name.toLowerCase()}`, "volume, both-empty excluded", "both-empty", (v) => v.dice[name])),
    ofVolumes("hd95", `volume, ${spacing}, directed-max, one-empty excluded, mean of the structures' means`, "one-empty", ...each((name) => (v: VolumeScores) => v.hd95[name])),
    ...each((name) => ofVolumes(`hd95_${name.toLowerCase()}`, `volume, ${spacing}, directed-max, one-empty excluded`, "one-empty", (v) => v.hd95[name])),
    ofVolumes("nmse", "volume, energy-of-truth", "zero-truth", (v) => v.nmse),
    ...(volumes[0]?.secondDice ? [ofVolumes("dice_second", "as dice, by a network that never rewarded", "both-empty", ...each((name) => (v: VolumeScores) => v.secondDice![name]))] : []),
    ofSlices("ssim", "slice, uniform-7, range of the truth"),
    ofSlices("psnr", "slice, range 1, exact (MSE < 1e-10) excluded", "identical"),
    ofSlices("mse", "slice"),
    ofSlices("miou", "slice, mean over structures, both-empty excluded"),
    ofSlices("fg_iou", "slice, one foreground, as the release's compute_miou"),
    ofSlices("dice_slice", "slice, as the release's multiclass_dice_coeff without background: both-empty 1"),
  ];
  const group = { budget: String(budget) };
  return [
    ...measures.map((measure) => averaged(measure, group, seed)),
    { id: "dice_pooled", convention: "all slices together, mean of three structures", value: mean(pooled), n: slices.length, excluded: [], group },
  ];
}

function averaged({ id, convention, columns, names, patients, reason }: Averaged, group: Readonly<Record<string, string>>, seed: number): MetricValue {
  const statistic: ResampleStatistic = (counts) => {
    let total = 0;
    for (const column of columns) {
      let [sum, weight] = [0, 0];
      for (let i = 0; i < column.length; i++) {
        const value = column[i];
        if (value === null) continue;
        sum += counts[i] * value;
        weight += counts[i];
      }
      if (weight === 0) return null;
      total += sum / weight;
    }
    return total / columns.length;
  };
  const value = statistic(new Int32Array(names.length).fill(1));
  const [interval] = bootstrapTogether(names.length, [statistic], { clusters: patients, clusterName: "patient", resamples: 1000, seed });
  const excluded = names.flatMap((name, i): Exclusion[] => (columns.some((column) => column[i] === null) ? [{ case: name, reason }] : []));
  return { id, convention, value, n: names.length - (columns.length === 1 ? excluded.length : 0), excluded, ...(interval && { interval }), group };
}

/** One value out of {@link summarise}'s list. */
export function valueAt(metrics: readonly MetricValue[], id: string, budget: number): MetricValue {
  const found = metrics.find((metric) => metric.id === id && metric.group?.budget === String(budget));
  if (found === undefined) throw new RangeError(`There is no ${id} at a budget of ${budget}.`);
  return found;
}
