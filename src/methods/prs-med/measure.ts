import type { CaseScore, MetricValue } from "../../core/index.js";
import type { PrsCase, PrsRow, RowKind } from "../../datasets/index.js";
import { bleu, dice, iou, meanOverCases, metricValue, rouge1, structureMeasure, sweepMetrics, thresholdSweep, weightedF, zoneAccuracy, zoneOf, type SweepCurves, type Zone } from "../../metrics/index.js";
import { bootstrap, weightedMean } from "../../stats/index.js";
import type { Reply } from "./ask.js";

/** One row of test and what was made of it; without its picture, so that many rows fit into memory. */
export interface RowScores {
  readonly case: PrsRow;
  /** Null where no text was asked for. */
  readonly answer: string | null;
  readonly dice: number;
  readonly iou: number;
  /** Of the answer, null when it names none. */
  readonly zone: Zone | null;
  readonly sweep: SweepCurves;
  readonly weightedF: number;
  readonly structure: number;
  readonly mae: number;
}

export interface ScoreOptions {
  /** `stretched`: every picture's probabilities are stretched to 0 … 1 before the thresholds, as the published files are (spec §8.7). */
  readonly probabilities: "plain" | "stretched";
}

/**
 * Scores of every row by the two conventions of record: Dice and IoU at one half, and the published 256-threshold table.
 * @see PRS-Med spec §5.2
 */
export function scoreRows(cases: readonly PrsCase[], replies: readonly Reply[], { probabilities }: ScoreOptions = { probabilities: "plain" }): RowScores[] {
  return cases.map((each, i) => {
    const { pixels: _, softMask, size, ...row } = each;
    const truth = Uint8Array.from(softMask, (y) => (y > 0.5 ? 1 : 0));
    const { probability, answer } = replies[i];
    const mask = Uint8Array.from(probability, (p) => (p > 0.5 ? 1 : 0));
    const shape = [size, size] as const;
    const bytes = toBytes(probabilities === "stretched" ? stretched(probability) : probability);
    const grey = Float64Array.from(bytes, (byte) => byte / 255);
    return {
      case: row, answer, zone: zoneOf(answer ?? ""),
      dice: scoreOf(dice(mask, truth, { whenBothEmpty: "one" })), iou: scoreOf(iou(mask, truth, { whenBothEmpty: "one" })),
      sweep: thresholdSweep(bytes, truth), weightedF: scoreOf(weightedF(grey, truth, shape, { border: "replicate" })),
      structure: scoreOf(structureMeasure(grey, truth, shape, { convention: "prs-med" })),
      mae: grey.reduce((sum, p, at) => sum + Math.abs(p - truth[at]), 0) / grey.length,
    };
  });
}

/** What a PNG of probabilities holds. */
export const toBytes = (probability: ArrayLike<number>): Uint8Array => Uint8Array.from({ length: probability.length }, (_, i) => Math.floor(255 * Math.min(1, Math.max(0, probability[i]))));

/** (x − min)/(max − min + 10⁻⁸): an empty prediction becomes a full-range map. */
export function stretched(probability: Float32Array): Float32Array {
  let [low, high] = [Infinity, -Infinity];
  for (const p of probability) [low, high] = [Math.min(low, p), Math.max(high, p)];
  return probability.map((p) => (p - low) / (high - low + 1e-8));
}

/**
 * The mask of a published evaluation script: it applies the sigmoid to stored probabilities once more, so that every byte from 1 on is foreground.
 * For comparison only. @example legacyDoubleSigmoid([0, 1, 127, 255]) // [0, 1, 1, 1]
 * @see PRS-Med spec §5.2, test vector 5
 */
export const legacyDoubleSigmoid = (bytes: ArrayLike<number>): Uint8Array => Uint8Array.from({ length: bytes.length }, (_, i) => (1 / (1 + Math.exp(-bytes[i] / 255)) > 0.5 ? 1 : 0));

/** Only the weighted F-measure is undefined on an empty truth; the published code says 0 there. */
const scoreOf = (result: CaseScore): number => ("excluded" in result ? 0 : result.score);

const kinds: readonly RowKind[] = ["single", "attr", "zone"];

/**
 * Means over rows: Dice and IoU by kind of question with intervals that resample pictures; zone accuracy by kind with its majority baseline; BLEU and
 * ROUGE; and the published table by task with the unweighted mean of the tasks.
 */
export function summarise(rows: readonly RowScores[], seed: number): MetricValue[] {
  const present = kinds.filter((kind) => rows.some((row) => row.case.kind === kind));
  const byKind = present.flatMap((kind) => {
    const own = rows.filter((row) => row.case.kind === kind);
    return [...overlapOf(own, seed, { kind }), ...zonesOf(own, seed, { kind })];
  });
  return [...byKind, ...overlapOf(rows, seed), ...zonesOf(rows, seed), ...textOf(rows), ...publishedTable(rows)];
}

const half = "p > 0.5, both-empty 1";

function overlapOf(rows: readonly RowScores[], seed: number, group?: Readonly<Record<string, string>>): MetricValue[] {
  return (["dice", "iou"] as const).map((id) => withInterval(metricValue(id, half, mean(rows.map((row) => row[id])), rows.length), rows, (row) => row[id], seed, group));
}

function withInterval(value: MetricValue, rows: readonly RowScores[], of: (row: RowScores) => number, seed: number, group?: Readonly<Record<string, string>>): MetricValue {
  const interval = bootstrap(rows.length, weightedMean(rows.map(of)), { clusters: rows.map((row) => row.case.group), clusterName: "picture", seed });
  return { ...value, ...(interval && { interval }), ...(group && { group }) };
}

function zonesOf(rows: readonly RowScores[], seed: number, group?: Readonly<Record<string, string>>): MetricValue[] {
  if (rows.every(({ answer }) => answer === null)) return [];
  const { accuracy, strict, balanced, majority } = zoneAccuracy(rows.map(({ answer }) => answer ?? ""), rows.map((row) => row.case.position));
  const grouped = [strict, balanced, majority].map((value) => ({ ...value, ...(group && { group }) }));
  return [withInterval(accuracy, rows.filter((row) => zoneOf(row.case.position) !== null), (row) => Number(row.zone === zoneOf(row.case.position)), seed, group), ...grouped];
}

function textOf(rows: readonly RowScores[]): MetricValue[] {
  if (rows.every(({ answer }) => answer === null)) return [];
  const over = (id: string, convention: string, of: (row: RowScores) => CaseScore): MetricValue => meanOverCases(id, convention, rows.map((row) => ({ case: row.case.id, score: of(row) })));
  return [
    over("bleu4", "sentence, unsmoothed, against position", (row) => bleu(row.answer ?? "", row.case.position)),
    over("rouge1", "f-measure, unstemmed, against position", (row) => rouge1(row.answer ?? "", row.case.position)),
    over("bleu4_answer", "sentence, unsmoothed, against answer", (row) => bleu(row.answer ?? "", row.case.answer)),
    over("rouge1_answer", "f-measure, unstemmed, against answer", (row) => rouge1(row.answer ?? "", row.case.answer)),
  ];
}

/** The 13 measures by task, then their unweighted mean over tasks (without a group), as the published tables average. */
export function publishedTable(rows: readonly RowScores[]): MetricValue[] {
  const tasks = [...new Set(rows.map((row) => row.case.task))];
  const byTask = tasks.map((task) => thirteen(rows.filter((row) => row.case.task === task)).map((value): MetricValue => ({ ...value, group: { task } })));
  const over = byTask[0].map((first, i): MetricValue => ({ id: first.id, convention: `${first.convention}, mean over tasks`, value: mean(byTask.map((values) => values[i].value!)), n: tasks.length, excluded: [] }));
  return [...byTask.flat(), ...over];
}

function thirteen(rows: readonly RowScores[]): MetricValue[] {
  const sweep = sweepMetrics(rows.map((row) => row.sweep));
  const plain = (id: string, convention: string, of: (row: RowScores) => number): MetricValue => metricValue(id, convention, mean(rows.map(of)), rows.length);
  return [...sweep, plain("weighted_f", "β 1, replicate border", (row) => row.weightedF), plain("structure", "prs-med", (row) => row.structure), plain("mae", "bytes / 255", (row) => row.mae)];
}

/** Rows are the zones of the truth, columns what the answers name; the last column is "none". */
export function zoneConfusion(rows: readonly RowScores[], names: readonly Zone[]): number[][] {
  return names.map((truth) => [...names, null].map((said) => rows.filter((row) => zoneOf(row.case.position) === truth && row.zone === said).length));
}

/** One value out of {@link summarise}'s list. */
export const valueOf = (metrics: readonly MetricValue[], id: string, kind?: RowKind): number | null =>
  metrics.find((metric) => metric.id === id && metric.group?.kind === kind && metric.group?.task === undefined)?.value ?? null;

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
