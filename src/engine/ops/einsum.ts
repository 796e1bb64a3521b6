import type { KernelConfig, KernelFunc, Tensor } from "@tensorflow/tfjs";
import { InvalidValue } from "../../core/index.js";
import type { TensorFlow } from "../engine.js";

/**
 * Einstein summation of one or two tensors by one batched matrix product, for backends without the kernel.
 * As in TensorFlow.js: at most two operands, no repeated label in an operand, no `...`.
 *
 * @example einsum(tf, "bij,bjk->bik", [a, b]) // a.matMul(b)
 */
export function einsum(tf: TensorFlow, equation: string, operands: readonly Tensor[]): Tensor {
  const { inputs, output } = parseEinsum(equation);
  if (inputs.length !== operands.length) throw new InvalidValue("einsum", `"${equation}" names ${inputs.length} operands`, operands.length);
  if (operands.length === 1) return single(tf, inputs[0], output, operands[0]);
  const [left, right] = inputs;
  const batch = output.filter((label) => left.includes(label) && right.includes(label));
  const contracted = left.filter((label) => right.includes(label) && !output.includes(label));
  const rows = output.filter((label) => left.includes(label) && !right.includes(label));
  const columns = output.filter((label) => right.includes(label) && !left.includes(label));
  const a = single(tf, left, [...batch, ...rows, ...contracted], operands[0]); // labels of one operand only are summed here
  const b = single(tf, right, [...batch, ...contracted, ...columns], operands[1]);
  const size = new Map([
    ...left.map((l, i) => [l, operands[0].shape[i]] as const),
    ...right.map((l, i) => [l, operands[1].shape[i]] as const),
  ]);
  const sizes = (labels: readonly string[]): number[] => labels.map((label) => size.get(label)!);
  const count = (labels: readonly string[]): number => tf.util.sizeFromShape(sizes(labels));
  const product = tf.matMul(
    a.reshape([count(batch), count(rows), count(contracted)]),
    b.reshape([count(batch), count(contracted), count(columns)]),
  );
  const labels = [...batch, ...rows, ...columns];
  return arrange(tf, product.reshape(sizes(labels)), labels, output);
}

export interface EinsumLabels {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

export function parseEinsum(equation: string): EinsumLabels {
  const match = /^([a-zA-Z,]*)->([a-zA-Z]*)$/.exec(equation.replaceAll(" ", ""));
  if (match === null) throw new InvalidValue("einsum", 'the equation must read like "ij,jk->ik"', equation);
  return { inputs: match[1].split(",").map((labels) => [...labels]), output: [...match[2]] };
}

/** Sums away the labels that are not wanted, then brings the others into the wanted order. */
function single(tf: TensorFlow, labels: readonly string[], wanted: readonly string[], x: Tensor): Tensor {
  const dropped = labels.flatMap((label, axis) => (wanted.includes(label) ? [] : [axis]));
  const kept = labels.filter((label) => wanted.includes(label));
  return arrange(tf, dropped.length === 0 ? x : tf.sum(x, dropped), kept, wanted);
}

function arrange(tf: TensorFlow, x: Tensor, labels: readonly string[], wanted: readonly string[]): Tensor {
  const order = wanted.map((label) => labels.indexOf(label));
  return order.every((from, to) => from === to) ? x : tf.transpose(x, order);
}

/** {@link einsum} as the kernel of a backend. */
export function einsumKernel(tf: TensorFlow, backendName: string): KernelConfig {
  const kernel = ({ inputs, attrs }: { inputs: object; attrs: { equation: string } }): Tensor =>
    tf.tidy(() => einsum(tf, attrs.equation, Object.values(inputs) as Tensor[]));
  return { kernelName: "Einsum", backendName, kernelFunc: kernel as unknown as KernelFunc };
}
