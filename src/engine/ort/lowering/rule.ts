import type { Graph } from "../graph.js";

export type Dtype = "float32" | "int32" | "bool";

/** What is known of a tensor while recording. */
export interface Spec {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
}

/** Where a rule is applied. */
export interface Site<Attrs> {
  readonly graph: Graph;
  readonly attrs: Attrs;
  /** Left-out optional operands are undefined here and among the names. */
  readonly inputs: readonly (Spec | undefined)[];
  readonly outputs: readonly Spec[];
}

/** How one TensorFlow.js kernel becomes ONNX nodes. */
export interface Rule<Attrs = unknown> {
  /** The kernel's operands by name, in the order `emit` wants them; `"all"` for a list. */
  readonly operands: readonly string[] | "all";
  /** Whether the rule covers this use; another use runs on TensorFlow.js's plain JavaScript kernel, and is counted. */
  readonly accepts?: (inputs: readonly (Spec | undefined)[], attrs: Attrs) => boolean;
  readonly outputs: (inputs: readonly Spec[], attrs: Attrs) => readonly Spec[];
  /** Adds nodes to the graph; returns the names of the outputs. */
  readonly emit: (site: Site<Attrs>, names: readonly string[]) => readonly string[];
}

export type Rules = Readonly<Record<string, Rule>>;

/** Lets a rule be written with its attributes' own type. */
export function rule<Attrs>(definition: Rule<Attrs>): Rule {
  return definition as Rule;
}

export const sameAsFirst = (inputs: readonly Spec[]): Spec[] => [inputs[0]];
export const allFloat = (inputs: readonly (Spec | undefined)[]): boolean =>
  inputs.every((input) => input === undefined || input.dtype === "float32");
export const noBool = (inputs: readonly (Spec | undefined)[]): boolean => inputs.every((input) => input?.dtype !== "bool");
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
export const equal = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((n, i) => n === b[i]);
export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** A possibly negative axis as 0 … rank − 1. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
