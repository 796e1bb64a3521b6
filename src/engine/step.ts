import type { Tensor } from "@tensorflow/tfjs";

export type StepResult = Tensor | Tensor[] | null | void;

/** One step of training or evaluation: tensors in, tensors out, variables changed on the way. */
export type StepFunction<A extends Tensor[], R extends StepResult> = (...given: A) => R;

/** Wraps a step so that an engine which can do so runs it faster from the third call on. */
export type MakeStep = <A extends Tensor[], R extends StepResult>(f: StepFunction<A, R>) => StepFunction<A, R>;
