import type { Tensor } from "@tensorflow/tfjs";
import type { Random } from "../../core/index.js";
import type { TensorFlow } from "../engine.js";

/** Numbers for a tensor, kept outside TensorFlow.js so that every backend gets the same. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface DirectionalError {
  readonly input: number;
  /** dL along a random direction: from the gradient, and from the values alone. */
  readonly analytic: number;
  readonly numeric: number;
  /** |analytic − numeric| in units of the gradient's length. */
  readonly error: number;
}

const h = 0.03;

/**
 * Compares the gradient of L = Σ w·f(x) with finite differences of f, for random weights w, along random directions of
 * ±1: one wrong element in a thousand shows as an error of some hundredths. Fourth-order differences:
 * (8·(F(h) − F(−h)) − (F(2h) − F(−2h))) / 12h, with F summed in double precision.
 */
export async function gradientErrors(
  tf: TensorFlow,
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Numbers[],
  random: Random,
  directions = 2,
): Promise<DirectionalError[]> {
  const tensor = ({ values, shape }: Numbers): Tensor => tf.tensor(values, [...shape]);
  const evaluate = (given: readonly Numbers[]): Promise<Float32Array> => read(tf.tidy(() => f(...given.map(tensor))));
  const weights = Float32Array.from(await evaluate(inputs), () => random.normal());
  const gradients = tf.tidy(() => {
    const given = inputs.map(tensor);
    return tf.grads((...x: Tensor[]) => f(...x))(given, tf.tensor(weights, f(...given).shape));
  });
  const errors: DirectionalError[] = [];
  for (const [input, gradient] of gradients.entries()) {
    const slope = await read(gradient);
    for (let i = 0; i < directions; i++) {
      const direction = Float32Array.from(slope, () => (random.chance(0.5) ? 1 : -1));
      const along = async (t: number): Promise<number> => dot(weights, await evaluate(moved(inputs, input, direction, t)));
      const near = (await along(h)) - (await along(-h));
      const far = (await along(2 * h)) - (await along(-2 * h));
      const numeric = (8 * near - far) / (12 * h);
      const analytic = dot(slope, direction);
      errors.push({ input, analytic, numeric, error: Math.abs(analytic - numeric) / (Math.sqrt(dot(slope, slope)) + 0.1) });
    }
  }
  return errors;
}

function moved(inputs: readonly Numbers[], which: number, direction: Float32Array, t: number): Numbers[] {
  return inputs.map((input, at) => (at === which ? { ...input, values: input.values.map((value, i) => value + t * direction[i]) } : input));
}

async function read(tensor: Tensor): Promise<Float32Array> {
  const values = Float32Array.from(await tensor.data());
  tensor.dispose();
  return values;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
