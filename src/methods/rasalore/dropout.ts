import type { Random } from "../../core/index.js";
import type { Tensor, TensorFlow } from "./tensorflow.js";

/** Drops whole channels of a map [B, H, W, C], or single numbers of any tensor, and scales the rest up. */
export type Dropout = <T extends Tensor>(x: T, what: "channels" | "numbers") => T;

export const noDropout: Dropout = (x) => x;

/** Masks come from `random` in the order of the calls, so that a resumed run drops what it would have dropped. */
export function seededDropout(tf: TensorFlow, share: number, random: Random): Dropout {
  if (share === 0) return noDropout;
  return (x, what) => {
    const [batch, ...rest] = x.shape;
    const shape = what === "channels" ? [batch, ...rest.slice(0, -1).map(() => 1), rest.at(-1)!] : x.shape;
    const bits = new Uint32Array(shape.reduce((product, side) => product * side, 1));
    random.fillBits(bits);
    const kept = Float32Array.from(bits, (word) => (word < share * 2 ** 32 ? 0 : 1 / (1 - share)));
    return x.mul(tf.tensor(kept, shape));
  };
}
