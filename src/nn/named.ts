import { BadFile, ShapeMismatch } from "../core/index.js";
import type { TensorFlow, Variable } from "./tensorflow.js";

/** A variable under the name PyTorch gives it: the path through the weights object, `layer2.0.downsample.0.weight`. */
export interface NamedVariable {
  readonly name: string;
  readonly variable: Variable;
}

/** Plain numbers as a file holds them, in PyTorch's order of dimensions. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Every variable of a weights object, in the order it was built. */
export function namedVariables(weights: object, prefix = ""): NamedVariable[] {
  return Object.entries(weights).flatMap(([key, value]: [string, unknown]) => {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    if (isVariable(value)) return [{ name, variable: value }];
    return typeof value === "object" && value !== null ? namedVariables(value, name) : [];
  });
}

/** The variables that training changes: running statistics are left out. */
export function trainableVariables(weights: object): NamedVariable[] {
  return namedVariables(weights).filter(({ variable }) => variable.trainable);
}

/** Numbers that training changes. */
export function parameterCount(weights: object): number {
  return trainableVariables(weights).reduce((sum, { variable }) => sum + variable.size, 0);
}

export function disposeWeights(weights: object): void {
  for (const { variable } of namedVariables(weights)) variable.dispose();
}

/** Copies variables out; a convolution's [k, k, in, out] becomes PyTorch's [out, in, k, k], everything else stays. */
export async function readArrays(variables: readonly NamedVariable[]): Promise<Map<string, NamedArray>> {
  const arrays = new Map<string, NamedArray>();
  for (const { name, variable } of variables) {
    const torch = variable.rank === 4 ? variable.transpose([3, 2, 0, 1]) : variable.clone();
    arrays.set(name, { shape: [...torch.shape], data: Float32Array.from(await torch.data<"float32">()) });
    torch.dispose();
  }
  return arrays;
}

/**
 * Puts arrays of {@link readArrays}'s form back. Arrays without a variable are left alone.
 * @param source named in errors: the file they came from
 * @throws BadFile when a variable has no array
 * @throws ShapeMismatch when one has another shape
 */
export function assignArrays(
  tf: TensorFlow,
  variables: readonly NamedVariable[],
  arrays: ReadonlyMap<string, NamedArray>,
  source: string,
): void {
  for (const { name, variable } of variables) {
    const array = arrays.get(name);
    if (array === undefined)
      throw new BadFile("missing-tensor", source, `has no tensor ${name}`, "Take a file made with the same model settings.");
    tf.tidy(() => {
      const expected = variable.rank === 4 ? [3, 2, 0, 1].map((axis) => variable.shape[axis]) : variable.shape;
      if (expected.join() !== array.shape.join())
        throw new ShapeMismatch(
          `${source}, ${name}`,
          expected,
          array.shape,
          "Take a file made with the same model settings.",
        );
      const torch = tf.tensor(array.data, [...array.shape]);
      variable.assign(variable.rank === 4 ? torch.transpose([2, 3, 1, 0]) : torch);
    });
  }
}

function isVariable(value: unknown): value is Variable {
  return typeof value === "object" && value !== null && "assign" in value && "dataId" in value;
}
