import type { GradConfig, Tensor } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../engine.js";
import { parseEinsum } from "../einsum.js";

/**
 * The gradient of an einsum is an einsum: dy with the other operand, contracted to this operand's labels. Labels that
 * only this operand has were summed away, so there the gradient is the same along the whole axis.
 */
export function einsumGradient(tf: TensorFlow): GradConfig {
  return {
    kernelName: "Einsum",
    saveAllInputs: true,
    gradFunc: (dy, operands, attrs) => {
      const { inputs, output } = parseEinsum(attrs.equation as string);
      const towards = (mine: number) => (): Tensor => {
        const others = operands.flatMap((tensor, at) => (at === mine ? [] : [{ tensor, labels: inputs[at] }]));
        const reachable = inputs[mine].filter((label) => output.includes(label) || others.some((other) => other.labels.includes(label)));
        const equation = `${[output, ...others.map((other) => other.labels)].map((labels) => labels.join("")).join(",")}->${reachable.join("")}`;
        const gradient = tf.einsum(equation, dy as Tensor, ...others.map((other) => other.tensor));
        const withOnes = inputs[mine].map((label, axis) => (reachable.includes(label) ? operands[mine].shape[axis] : 1));
        return tf.broadcastTo(gradient.reshape(withOnes), operands[mine].shape);
      };
      return Object.fromEntries(operands.map((_, at) => [at, towards(at)]));
    },
  };
}
