import { seededRandom } from "../../../core/index.js";
import type { Engine } from "../../../engine/index.js";
import { dice } from "../../../metrics/index.js";
import { acquire, columnPreference, distinctMasks, fixedOrder, legalColumns, maskOf, predictor, sliceSsim, type ColumnPreference, type KspaceSlice, type Predict, type Prediction } from "../../../methods/asmr/index.js";
import { magnitude } from "../../../signal/index.js";
import { sendPicture, type SentPicture } from "../../picture.js";
import type { Chooser, ScanAnswer, Standing } from "./answers.js";
import type { LoadedRun } from "./trained.js";

/** A run as functions for one slice at a time. */
export interface Scanner {
  readonly run: LoadedRun;
  readonly predict: Predict;
  readonly preference: ColumnPreference;
}

export const scannerOf = (engine: Engine, run: LoadedRun): Scanner => ({ run, predict: predictor(engine, run.segmenter, 1), preference: columnPreference(engine, run.policy, 1) });

export interface Line {
  readonly column: number;
  readonly by: Chooser;
}

/** The lines so far, what they show, and what the policy would do next. */
export async function seen({ run, predict, preference }: Scanner, slice: KspaceSlice, lines: readonly Line[], budget: number): Promise<Omit<ScanAnswer, "standings"> & { readonly standing: Standing }> {
  const { size } = slice;
  const mask = maskOf(lines.map(({ column }) => column), size);
  const [prediction] = await predict([slice], [mask]);
  return {
    budget, lines,
    probabilities: lines.length >= budget ? Array.from({ length: size }, () => 0) : await probabilities({ run, preference }, slice, mask, budget - lines.length),
    reconstruction: sendPicture(size, size, 1, bytesOf(prediction.picture)),
    predicted: structures(prediction.label, size),
    standing: standingOf(slice, prediction),
  };
}

async function probabilities({ run, preference }: Pick<Scanner, "run" | "preference">, slice: KspaceSlice, mask: Float32Array, remaining: number): Promise<number[]> {
  const { data, policy } = run.run.config;
  const [first] = data.sampledIndices;
  const [logP] = await preference([slice], [mask], Math.min(remaining, policy.remainingSlots - 1));
  const legal = legalColumns(mask, data);
  return Array.from({ length: slice.size }, (_, column) => (legal[column - first] === 1 ? Math.exp(logP[column - first]) : 0));
}

/** The next column of a chooser that is no person. */
export async function nextColumn(scanner: Scanner, slice: KspaceSlice, lines: readonly Line[], budget: number, chooser: Exclude<Chooser, "you">): Promise<number> {
  const taken = new Set(lines.map(({ column }) => column));
  if (chooser === "policy") {
    const p = await probabilities(scanner, slice, maskOf([...taken], slice.size), budget - lines.length);
    return p.indexOf(Math.max(...p));
  }
  const range = scanner.run.run.config.data.sampledIndices;
  const wanted = fixedOrder(chooser, { width: slice.size, range, budget, random: seededRandom(1).stream(chooser).stream(slice.id) });
  const free = wanted.find((column) => !taken.has(column));
  return free ?? fixedOrder("centre", { width: slice.size, range, budget: slice.size }).find((column) => !taken.has(column))!;
}

/** How a chooser that takes all lines fares, after 0, 1, … of them. */
export async function alone(scanner: Scanner, slice: KspaceSlice, budget: number, chooser: "policy" | "centre"): Promise<Standing[]> {
  const { run: { policy, run }, preference, predict } = scanner;
  const [order] = chooser === "policy"
    ? await acquire(preference, policy, [slice], { budget })
    : [fixedOrder("centre", { width: slice.size, range: run.config.data.sampledIndices, budget })];
  const counts = Array.from({ length: budget + 1 }, (_, count) => count);
  const predictions = await predict(counts.map(() => slice), counts.map((count) => maskOf(order, slice.size, count)));
  return predictions.map((prediction) => standingOf(slice, prediction));
}

/** Different sets of columns that the policy takes alone: 1 is a mask that never looks at the slice. */
export async function setsOfColumns(engine: Engine, { policy }: LoadedRun, slices: readonly KspaceSlice[], budget: number): Promise<number> {
  return distinctMasks({ orders: await acquire(columnPreference(engine, policy), policy, slices, { budget }) });
}

export function standingOf(slice: KspaceSlice, { picture, label }: Prediction): Standing {
  const of = (values: Uint8Array, structure: number): Uint8Array => values.map((value) => (value === structure ? 1 : 0));
  const score = (structure: number): number => {
    const result = dice(of(label, structure), of(slice.label, structure), { whenBothEmpty: "one" });
    return "score" in result ? result.score : 1;
  };
  return { dice: [score(1), score(2), score(3)], ssim: sliceSsim(picture, slice.image, slice.size) };
}

/** RV, MYO, LV as masks of 0 and 255. */
export const structures = (label: Uint8Array, size: number): SentPicture[] => [1, 2, 3].map((structure) => sendPicture(size, size, 1, label.map((value) => (value === structure ? 255 : 0))));

export const bytesOf = (picture: Float32Array): Uint8Array => Uint8Array.from(picture, (level) => Math.round(255 * Math.min(1, Math.max(0, level))));

/** log(1 + |k|), the largest white. */
export function kspacePicture({ kReal, kImag, size }: KspaceSlice): SentPicture {
  const log = magnitude({ height: size, width: size, real: Float64Array.from(kReal), imag: Float64Array.from(kImag) }).map((value) => Math.log1p(20 * value));
  const most = Math.max(...log);
  return sendPicture(size, size, 1, Uint8Array.from(log, (value) => Math.round((255 * value) / most)));
}
