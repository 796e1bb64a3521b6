import { InvalidValue, type Random } from "../core/index.js";
import { newVariable } from "./variable.js";
import type { Rank, TensorFlow, Variable } from "./tensorflow.js";
import type { ShapeMap } from "@tensorflow/tfjs";

/** Start values of a parameter of this shape. */
export type Fill = (random: Random, shape: readonly number[]) => Float32Array;

/** A parameter before it takes memory: large models are counted, compared with files and checked from their plan alone. */
export interface Parameter<R extends Rank = Rank> {
  readonly shape: ShapeMap[R];
  readonly fill: Fill;
  readonly trainable: boolean;
  /** Only for the type. */
  readonly rank?: R;
}

/** The weights object that a plan becomes: the same tree with a variable for every parameter. */
export type Weights<Plan> = Plan extends Parameter<infer R> ? Variable<R> : { readonly [Key in keyof Plan]: Weights<Plan[Key]> };

export function parameter<R extends Rank>(shape: ShapeMap[R], fill: Fill, { trainable = true } = {}): Parameter<R> {
  return { shape, fill, trainable };
}

/**
 * Makes the variables of a plan. Every parameter draws from the stream of its own path, so adding one changes no other.
 * @example materialise(tf, { lin: planLinear(3, 2) }, seededRandom(1)).lin.weight.shape // [2, 3]
 */
export function materialise<Plan extends object>(tf: TensorFlow, plan: Plan, random: Random): Weights<Plan> {
  return build(tf, plan, random) as Weights<Plan>;
}

function build(tf: TensorFlow, plan: object, random: Random): unknown {
  if (isParameter(plan)) return newVariable(tf, plan.fill(random, plan.shape), plan.shape, plan.trainable);
  if (Array.isArray(plan)) return plan.map((part: object, i) => build(tf, part, random.stream(i)));
  return Object.fromEntries(Object.entries(plan).map(([name, part]: [string, object]) => [name, build(tf, part, random.stream(name))]));
}

export interface NamedParameter {
  readonly name: string;
  readonly parameter: Parameter;
}

/** Every parameter under the name its variable will have in {@link namedVariables}. */
export function namedParameters(plan: object, prefix = ""): NamedParameter[] {
  return Object.entries(plan).flatMap(([key, part]: [string, object]) => {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    return isParameter(part) ? [{ name, parameter: part }] : namedParameters(part, name);
  });
}

/** Numbers that training changes, without making any of them. */
export function plannedCount(plan: object): number {
  return namedParameters({ plan }).reduce((sum, { parameter: { shape, trainable } }) => sum + (trainable ? sizeOf(shape) : 0), 0);
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

const isParameter = (part: object): part is Parameter => "fill" in part && "trainable" in part;

export const constant = (value: number): Fill => (_, shape) => new Float32Array(sizeOf(shape)).fill(value);

export const uniform = (limit: number): Fill => (random, shape) => Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(-limit, limit));

export const normal = (deviation: number): Fill => (random, shape) => Float32Array.from({ length: sizeOf(shape) }, () => random.normal(0, deviation));

/** Normal, drawn again until it lies within two deviations. */
export const truncatedNormal = (deviation: number): Fill => (random, shape) => Float32Array.from({ length: sizeOf(shape) }, () => {
  let value = random.normal();
  while (Math.abs(value) >= 2) value = random.normal();
  return deviation * value;
});

/**
 * Orthonormal columns (or rows, where there are fewer of them) of a matrix of the last two sides, by Gram–Schmidt on
 * Gaussian vectors; what PyTorch's `orthogonal_` draws, up to its random numbers.
 */
export const orthogonal: Fill = (random, shape) => {
  const [rows, columns] = shape.slice(-2);
  if (sizeOf(shape) !== rows * columns) throw new InvalidValue("orthogonal", "only the last two sides may exceed 1", shape);
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (const other of basis) subtract(vector, other, dot(vector, other));
    const norm = Math.sqrt(dot(vector, vector));
    basis.push(vector.map((x) => x / norm));
  }
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return rows <= columns ? basis[row][column] : basis[column][row];
  });
};

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

function subtract(vector: Float64Array, other: Float64Array, factor: number): void {
  for (let i = 0; i < vector.length; i++) vector[i] -= factor * other[i];
}
