import type { NamedTensorMap } from "@tensorflow/tfjs";
import type { Engine } from "../engine/index.js";
import type { NamedVariable } from "./named.js";
import type { Scalar, Tensor } from "./tensorflow.js";

/** What training runs on: TensorFlow.js, and the engine's way to run a step again without its JavaScript. */
export type Runner = Pick<Engine, "tf" | "step">;

/** A loss with tensors beside it that are wanted, too: its parts, what the network drew. */
export interface LossAndMore {
  readonly total: Scalar;
  readonly more: readonly Tensor[];
}

/**
 * One optimizer step as a function that `engine.step` can replay: **whatever changes from call to call is an argument or a
 * variable** – the batch, dropout's masks, the weight of a schedule. A rate is set on the optimizer before the call.
 *
 * @param variables what is trained
 * @param update changes them, given the gradients by the variables' own names
 * @returns a function that makes a step and gives the loss and what stood beside it; they belong to the caller
 * @example
 * const step = optimizerStep(engine, variables, (gradients) => adam.step(gradients), (x: Tensor2D, y: Tensor2D) => meanSquared(y, net(x)));
 * for (const [x, y] of batches) console.log(await takeNumbers(step(x, y)));
 */
export function optimizerStep<A extends Tensor[]>(
  { tf, step }: Runner,
  variables: readonly NamedVariable[],
  update: (gradients: NamedTensorMap) => void,
  loss: (...given: A) => Scalar | LossAndMore,
): (...given: A) => Tensor[] {
  const trained = variables.map(({ variable }) => variable);
  return step((...given: A): Tensor[] => {
    let more: readonly Tensor[] = [];
    const { value, grads } = tf.variableGrads(() => {
      const result = loss(...given);
      if (!("total" in result)) return result;
      more = result.more.map((tensor) => tf.keep(tensor.clone()));
      return result.total;
    }, trained);
    update(grads);
    return [value, ...more];
  });
}

/** The first number of each tensor: losses as numbers. The tensors are disposed. */
export async function takeNumbers(tensors: readonly Tensor[]): Promise<number[]> {
  const numbers: number[] = [];
  for (const tensor of tensors) {
    numbers.push((await tensor.data())[0]);
    tensor.dispose();
  }
  return numbers;
}
