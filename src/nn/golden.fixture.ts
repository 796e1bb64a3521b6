import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../core/index.js";
import { assignArrays, namedVariables, readArrays, type NamedArray } from "./named.js";
import type { Tensor, TensorFlow } from "./tensorflow.js";

/** What a script in tests/golden wrote. */
export const readGolden = <T>(name: string): T => JSON.parse(readFileSync(join(packageRoot, "tests", "golden", `${name}.json`), "utf8")) as T;

/** Numbers in [−1, 1) that the golden scripts make alike from a tensor's name. */
export function numbers(name: string, count: number): Float32Array {
  let state = 7;
  for (const character of name) state = (Math.imul(31, state) + character.charCodeAt(0)) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}

/** Gives every variable the numbers of its name, scaled and shifted. */
export async function fillByName(tf: TensorFlow, weights: object, how: (name: string, shape: readonly number[]) => readonly [scale: number, shift: number]): Promise<void> {
  const variables = namedVariables(weights);
  const filled = new Map<string, NamedArray>();
  for (const [name, { shape }] of await readArrays(variables)) {
    const [scale, shift] = how(name, shape);
    filled.set(name, { shape, data: numbers(name, shape.reduce((a, b) => a * b, 1)).map((x) => x * scale + shift) });
  }
  assignArrays(tf, variables, filled, "golden");
}

/** Every 1/24th of the tensor lies within 2e-5 of its largest expected value. */
export async function near(actual: Tensor, expected: readonly number[], what: string, tolerance = 2e-5): Promise<void> {
  const flat = await actual.data();
  const step = Math.max(1, Math.floor(flat.length / 24));
  const scale = Math.max(...expected.map(Math.abs));
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(flat[i * step] - value) <= tolerance * scale, `${what}[${i * step}]: ${flat[i * step]}, reference ${value}`);
}
