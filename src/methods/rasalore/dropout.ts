import type { Random } from "../../core/index.js";
import type { Tensor, TensorFlow } from "./tensorflow.js";

/** Drops whole channels of a map [B, H, W, C], or single numbers of any tensor, and scales the rest up. */
export type Dropout = <T extends Tensor>(x: T, what: "channels" | "numbers") => T;

export const noDropout: Dropout = (x) => x;

type Shape = readonly number[];

/** Notes the shapes of the masks that a network will ask for, in the order of its calls, and drops nothing. */
export function listDropout(shapes: Shape[]): Dropout {
  return (x, what) => {
    shapes.push(maskShape(x, what));
    return x;
  };
}

/** Takes one mask a call, in their order. */
export function givenDropout(masks: readonly Tensor[]): Dropout {
  let next = 0;
  return <T extends Tensor>(x: T) => x.mul<T>(masks[next++]);
}

/** Masks of these shapes: 0 for a share of the numbers, and the others make up for it. The caller disposes them. */
export function drawMasks(tf: TensorFlow, share: number, shapes: readonly Shape[], random: Random): Tensor[] {
  return shapes.map((shape) => {
    const bits = new Uint32Array(shape.reduce((product, side) => product * side, 1));
    random.fillBits(bits);
    return tf.tensor(Float32Array.from(bits, (word) => (word < share * 2 ** 32 ? 0 : 1 / (1 - share))), [...shape]);
  });
}

const maskShape = ({ shape: [batch, ...rest] }: Tensor, what: "channels" | "numbers"): Shape =>
  what === "channels" ? [batch, ...rest.slice(0, -1).map(() => 1), rest.at(-1)!] : [batch, ...rest];
