import assert from "node:assert/strict";
import type { Tensor } from "./tensorflow.js";

/** Numbers in [−1, 1) that a name fixes; the same as in the scripts of tests/golden. */
export function numbers(name: string, count: number): Float32Array {
  let state = 7;
  for (const character of name) state = (Math.imul(31, state) + character.charCodeAt(0)) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}

/** That a tensor agrees with every ⌊length/24⌋-th of its values in PyTorch. */
export async function near(actual: Tensor, expected: readonly number[], what: string, tolerance = 2e-5): Promise<void> {
  const flat = await actual.data();
  const step = Math.max(1, Math.floor(flat.length / 24));
  const scale = Math.max(...expected.map(Math.abs));
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(flat[i * step] - value) <= tolerance * scale, `${what}[${i * step}]: ${flat[i * step]}, PyTorch ${value}`);
  }
}
