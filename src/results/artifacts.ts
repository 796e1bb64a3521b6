import { BadRecord } from "./validate.js";
import type { ResultRecord } from "./record.js";

/** A row-major matrix: `values[row · columns + column]`. */
export interface Matrix {
  readonly shape: readonly [rows: number, columns: number];
  readonly values: readonly number[];
}

/** `artifacts.loss` and its like: one value a step or epoch. */
export interface CurveArtifact {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly xTitle: string;
  readonly yTitle: string;
}

/** One clip's spectrogram in dB; row 0 is the lowest band. */
export interface SpectrogramArtifact extends Matrix {
  readonly case: string;
  readonly secondsPerFrame: number;
  /** Centre frequency of each row. */
  readonly bandHz: readonly number[];
}

/** `artifacts.spectrograms`: two clips of one machine and domain, to be compared by eye. */
export interface SpectrogramPair {
  readonly title: string;
  readonly normal: SpectrogramArtifact;
  readonly anomalous: SpectrogramArtifact;
}

/** `artifacts.attention`: how much each patch of an image counted; `weights` is row-major over the patch grid, sums to 1. */
export interface AttentionArtifact {
  readonly case: string;
  readonly title: string;
  /** The image the patches were cut from, one number a pixel, row 0 the lowest band. */
  readonly image: Matrix;
  readonly weights: Matrix;
  /** Side of a patch and step between patches, in pixels. */
  readonly patch: number;
  readonly stride: number;
}

/** One image with what is drawn over it, row 0 at the top. */
export interface PanelArtifact {
  readonly title: string;
  readonly image: Matrix;
  /** `grey` unless said otherwise; `agreement` counts raters. */
  readonly scale?: "grey" | "plasma" | "agreement";
  /** Values that are black and white; the image's own smallest and largest unless given. */
  readonly range?: readonly [low: number, high: number];
  readonly overlays?: readonly PanelOverlayArtifact[];
  /** Letters at the left, right, top and bottom. */
  readonly orientation?: readonly [string, string, string, string];
}

/** `artifacts.panels`: images side by side with masks drawn in. */
export interface PanelsArtifact {
  readonly panels: readonly PanelArtifact[];
  readonly scaleBar?: { readonly pixels: number; readonly label: string };
}

/**
 * `artifacts.stack`: pictures to go through one frame at a time – the slices of a volume, the steps of an acquisition, the
 * cases of a test set. Every frame has the same pictures in the same order.
 */
export interface StackArtifact {
  /** What one frame is: `slice`, `step`, `case`. */
  readonly unit: string;
  readonly frames: readonly {
    /** For cases, the case's name in the record's table. */
    readonly title: string;
    readonly pictures: readonly PanelArtifact[];
    /** Numbers of this frame: `{ Dice: 0.81 }`. */
    readonly facts?: Readonly<Record<string, number | null>>;
  }[];
}

/** A mask of the image's shape, weights on any grid over it, or points in its pixels. */
export type PanelOverlayArtifact =
  | { readonly name: string; readonly draw: "contour" | "fill"; readonly mask: Matrix }
  | { readonly name: string; readonly draw: "heat"; readonly weights: Matrix; readonly range?: readonly [low: number, high: number] }
  | { readonly name: string; readonly draw: "points"; readonly points: readonly (readonly [row: number, column: number])[]; readonly symbol?: "circle" | "cross" | "x" | "star" };

/** `artifacts.curves`: several curves over one axis, such as the parts of a loss. */
export interface CurvesArtifact {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly curves: readonly { readonly name: string; readonly x: readonly number[]; readonly y: readonly number[]; readonly low?: readonly number[]; readonly high?: readonly number[] }[];
}

/** `artifacts.agreement`: one image as several raters marked it, and what a model drew for it. */
export interface AgreementArtifact {
  readonly title: string;
  readonly image: Matrix;
  readonly raters: readonly { readonly name: string; readonly mask: Matrix }[];
  /** Masks the model drew: samples, or one a round. */
  readonly samples?: readonly { readonly name: string; readonly mask: Matrix }[];
}

/** `artifacts.acquisition`: for each slice the k-space columns in the order they were acquired; −1 ends a shorter one. */
export interface AcquisitionArtifact {
  readonly orders: readonly (readonly number[])[];
  readonly nColumns: number;
  /** Columns that every slice had from the start. */
  readonly initial?: readonly number[];
}

/** `artifacts.kspace`: one slice's k-space and what was acquired of it; the magnitude is |k| with the centre in the middle. */
export interface KspaceArtifact {
  readonly title: string;
  readonly magnitude: Matrix;
  readonly order: readonly number[];
  readonly initial?: readonly number[];
}

/** `artifacts.architecture`: the model as boxes and arrows, counted from its own layers. */
export interface ArchitectureArtifact {
  readonly blocks: readonly { readonly id: string; readonly title: string; readonly detail?: string; readonly parameters?: number; readonly kind?: "data" | "learned" | "frozen" | "fixed"; readonly lane?: number }[];
  readonly links: readonly (readonly [from: string, to: string])[];
}

/** What a figure can be drawn from, by its kind. */
export interface KnownArtifacts {
  readonly panels: PanelsArtifact;
  readonly stack: StackArtifact;
  readonly loss: CurveArtifact;
  readonly curves: CurvesArtifact;
  readonly spectrograms: SpectrogramPair;
  readonly attention: AttentionArtifact;
  readonly agreement: AgreementArtifact;
  readonly acquisition: AcquisitionArtifact;
  readonly kspace: KspaceArtifact;
  readonly architecture: ArchitectureArtifact;
}

/**
 * A record's artifact, checked. It stands under the name of its kind, or under a name of its own where a record has
 * several of one kind.
 *
 * @example artifact(record, "panels")            // record.artifacts.panels
 * @example artifact(record, "panels", "gallery") // record.artifacts.gallery, read as panels
 * @returns undefined when the record has none of that name
 * @throws BadRecord when it is there but malformed
 */
export function artifact<Kind extends keyof KnownArtifacts>(record: ResultRecord, kind: Kind, name: string = kind): KnownArtifacts[Kind] | undefined {
  const value = record.artifacts?.[name];
  if (value === undefined) return undefined;
  const problem = checks[kind](value);
  if (problem) throw new BadRecord(record.id, `artifacts.${name}${problem.field}`, problem.rule, problem.value);
  return value as KnownArtifacts[Kind];
}

interface Problem {
  readonly field: string;
  readonly rule: string;
  readonly value: unknown;
}

type Check = (value: unknown, field?: string) => Problem | undefined;

const checks: Record<keyof KnownArtifacts, Check> = {
  loss: (value) =>
    fields(value, "", { x: numberList, y: numberList, xTitle: text, yTitle: text }) ?? sameLength(value as CurveArtifact),
  spectrograms: (value) => fields(value, "", { title: text, normal: spectrogram, anomalous: spectrogram }),
  panels: (value) => fields(value, "", { panels: listOf(panel) }),
  stack: (value) => fields(value, "", { unit: text, frames: listOf((one, field = "") => fields(one, field, { title: text, pictures: listOf(panel) })) }),
  attention: (value) => fields(value, "", { case: text, title: text, image: matrix, weights: matrix, patch: positive, stride: positive }),
  curves: (value) => fields(value, "", { xTitle: text, yTitle: text, curves: listOf((one, field = "") => fields(one, field, { name: text, x: numberList, y: numberList }) ?? sameLength(one as CurveArtifact, field)) }),
  agreement: (value) => fields(value, "", { title: text, image: matrix, raters: listOf(namedMask), samples: optional(listOf(namedMask)) }),
  acquisition: (value) => fields(value, "", { orders: listOf(numberList), nColumns: positive, initial: optional(numberList) }),
  kspace: (value) => fields(value, "", { title: text, magnitude: matrix, order: numberList, initial: optional(numberList) }),
  architecture: (value) => fields(value, "", { blocks: listOf((one, field = "") => fields(one, field, { id: text, title: text, detail: optional(text), parameters: optional(count) })), links: pairs }),
};

function spectrogram(value: unknown, field = ""): Problem | undefined {
  const problem = matrix(value, field) ?? fields(value, field, { case: text, secondsPerFrame: positive, bandHz: numberList });
  if (problem) return problem;
  const { shape, bandHz } = value as SpectrogramArtifact;
  return bandHz.length === shape[0] ? undefined : { field: `${field}.bandHz`, rule: `must hold ${shape[0]} frequencies, one a row`, value: bandHz.length };
}

const panel: Check = (value, field = "") => fields(value, field, { title: text, image: matrix, range: optional(numberList), overlays: optional((list, at) => (Array.isArray(list) && list.length === 0 ? undefined : listOf(overlay)(list, at))) });

const namedMask: Check = (value, field = "") => fields(value, field, { name: text, mask: matrix });

const overlay: Check = (value, field = "") => {
  const { draw } = (value ?? {}) as { draw?: unknown };
  const own: Record<string, Readonly<Record<string, Check>>> = { contour: { mask: matrix }, fill: { mask: matrix }, heat: { weights: matrix, range: optional(numberList) }, points: { points: listOf(numberList) } };
  const wanted = typeof draw === "string" ? own[draw] : undefined;
  return wanted === undefined ? { field: `${field}.draw`, rule: "must be contour, fill, heat or points", value: draw } : fields(value, field, { name: text, ...wanted });
};

const optional = (check: Check): Check => (value, field) => (value === undefined ? undefined : check(value, field));

const listOf = (check: Check): Check => (value, field = "") => {
  if (!Array.isArray(value) || value.length === 0) return { field, rule: "must be a list with something in it", value };
  for (const [i, item] of value.entries()) {
    const problem = check(item, `${field}[${i}]`);
    if (problem) return problem;
  }
  return undefined;
};

function matrix(value: unknown, field = ""): Problem | undefined {
  const problem = fields(value, field, { shape: numberList, values: numberList });
  if (problem) return problem;
  const { shape, values } = value as Matrix;
  if (shape.length !== 2 || !shape.every((side) => Number.isInteger(side) && side > 0)) {
    return { field: `${field}.shape`, rule: "must be [rows, columns]", value: shape };
  }
  const wanted = shape[0] * shape[1];
  return values.length === wanted ? undefined : { field: `${field}.values`, rule: `must hold ${wanted} numbers`, value: values.length };
}

function fields(value: unknown, field: string, wanted: Readonly<Record<string, Check>>): Problem | undefined {
  if (value === null || typeof value !== "object") return { field, rule: "must be an object", value };
  for (const [name, check] of Object.entries(wanted)) {
    const problem = check((value as Record<string, unknown>)[name], `${field}.${name}`);
    if (problem) return problem;
  }
  return undefined;
}

const text: Check = (value, field = "") => (typeof value === "string" && value !== "" ? undefined : { field, rule: "must be text", value });

const positive: Check = (value, field = "") =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? undefined : { field, rule: "must be a number above 0", value };

const numberList: Check = (value, field = "") =>
  Array.isArray(value) && value.every((item) => typeof item === "number" && Number.isFinite(item))
    ? undefined
    : { field, rule: "must be a list of finite numbers", value };

const count: Check = (value, field = "") => (typeof value === "number" && Number.isFinite(value) && value >= 0 ? undefined : { field, rule: "must be a number from 0", value });

const pairs: Check = (value, field = "") =>
  Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((end) => typeof end === "string"))
    ? undefined
    : { field, rule: "must be a list of [from, to]", value };

function sameLength({ x, y }: CurveArtifact, field = ""): Problem | undefined {
  return x.length === y.length ? undefined : { field: `${field}.y`, rule: `must hold ${x.length} values, one for each x`, value: y.length };
}
