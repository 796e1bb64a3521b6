import { equal, sizeOf } from "./lowering/rule.js";
import type { Operand, Recording } from "./recording.js";
import type { Value } from "./value.js";

/** A weight that was built into a session, where ONNX Runtime keeps it in the order its matrix product reads it. */
export interface PackedWeight {
  readonly leaf: number;
  readonly value: Value;
  /** The value's {@link Value.version} then; another one means other numbers. */
  readonly version: number;
}

/** Fewer rows than this on the left, and packing the right side saves nothing. */
const fewestRows = 16;
/** Smaller weights are not worth another compilation. */
const fewestNumbers = 2 ** 14;

/**
 * Leaves that only ever stand on the right of matrix products. Where they stay the same, as in inference, they are better
 * built into the session: ONNX Runtime re-orders a constant right side once, and an input at every run, which takes a tenth
 * of the product's time (256 rows, AVX2). It also adds in another order, so what is packed must not depend on how often
 * something ran: a resumed training would differ in the last bit.
 */
export function packableLeaves({ nodes, leaves }: Recording, needed: readonly number[]): number[] {
  const found = new Set<number>();
  const elsewhere = new Set<number>();
  for (const position of needed) {
    const { kernel, inputs, outputs } = nodes[position];
    for (const [at, input] of inputs.entries()) {
      if (input === undefined || input.value.source !== undefined) continue;
      const product = (kernel === "BatchMatMul" || kernel === "_FusedMatMul") && at === 1;
      (product && isWorthPacking(input, outputs[0].shape) ? found : elsewhere).add(input.value.leaf);
    }
  }
  return [...found].filter((leaf) => !elsewhere.has(leaf) && !leaves[leaf].constant);
}

function isWorthPacking({ shape, dtype, value }: Operand, product: readonly number[]): boolean {
  const rows = sizeOf(product.slice(0, -1));
  return dtype === "float32" && shape.length === 2 && equal(shape, value.shape) && sizeOf(shape) >= fewestNumbers && rows >= fewestRows;
}

export const isAsPacked = ({ value, version }: PackedWeight): boolean => value.version === version && value.refs > 0;
