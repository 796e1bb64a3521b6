import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { packageRoot, seededRandom } from "../core/index.js";
import { openEngine, type Engine } from "../engine/index.js";
import { foldBatchNorms, openTensorFile, planWeights, readPlanned, requireComplete, type WeightTarget } from "../io/index.js";
import { layersOf } from "./layers.fixture.js";
import { assignArrays, namedVariables, type NamedVariable } from "./named.js";
import { materialise, type Weights } from "./plan.js";
import type { Tensor, TensorFlow } from "./tensorflow.js";

/** Every so-many-th number of a tensor in PyTorch, pixels before channels. */
interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** What one of the checkpoints in tests/golden/weights computes in PyTorch, in float64. */
export interface Twin {
  readonly layers: Readonly<Record<string, Values>>;
  readonly outputs: Readonly<Record<string, Values>>;
  readonly tokens?: number[][];
  readonly ids?: number[][];
}

/** FOLIO_TWINS names another folder that make.py wrote, say with another PyTorch. */
const twins = process.env.FOLIO_TWINS ?? join(packageRoot, "tests", "golden", "weights");
const golden = JSON.parse(readFileSync(join(twins, "weights.json"), "utf8")) as { readonly torch: string } & Readonly<Record<string, Twin>>;

/** From PyTorch: tests/golden/weights/make.py. */
export const twin = (name: string): Twin => golden[name];
export const torchVersion: string = golden.torch;
export const twinFile = (...name: string[]): string => join(twins, ...name);

/** Engines that open everywhere; each proves every file. */
const engines = ["ort", "wasm"] as const;

/** A `describe` for each engine; `use` gives the one that is open. */
export function onEveryEngine(title: string, cases: (use: () => Engine) => void): void {
  for (const name of engines) {
    describe(`${title} (${name}, PyTorch ${torchVersion})`, () => {
      let engine: Engine;
      before(async () => {
        engine = await openEngine({ prefer: name });
      });
      after(() => engine.close());
      cases(() => engine);
    });
  }
}

/**
 * A plan's variables with a file's numbers; names the file lacks stay as they start.
 * @param prefix what `target` puts before our names
 * @param inFile what stands before the published names; found by trying unless given
 */
export async function loaded<Plan extends object>(tf: TensorFlow, plan: Plan, path: string, target: WeightTarget, prefix = "", inFile?: string): Promise<Weights<Plan>> {
  const weights = materialise(tf, plan, seededRandom(1));
  await fill(tf, namedVariables(weights), path, target, prefix, inFile);
  return weights;
}

export async function fill(tf: TensorFlow, variables: readonly NamedVariable[], path: string, target: WeightTarget, prefix = "", inFile?: string): Promise<void> {
  const file = await openTensorFile(path);
  const plan = planWeights(file.tensors, target, inFile);
  requireComplete(plan, target, path);
  const arrays = new Map([...(await readPlanned(file, plan))].map(([name, array]) => [name.slice(prefix.length), array]));
  assignArrays(tf, variables.filter(({ name }) => arrays.has(name)), arrays, path);
}

/**
 * The same from what folding made of the file. Folio's networks keep their norms, so each gets the folded bias and does nothing else:
 * what the network then computes is what one without norms would.
 */
export async function fillFolded(tf: TensorFlow, variables: readonly NamedVariable[], path: string, target: WeightTarget, prefix = ""): Promise<void> {
  const folded = foldBatchNorms(target);
  const plain = new Map(target.slots.map((slot) => [slot.from, slot]));
  const file = await openTensorFile(path);
  const plan = planWeights(file.tensors, folded);
  requireComplete(plan, folded, path);
  const arrays = await readPlanned(file, plan);
  for (const slot of folded.slots.filter(({ from, becomes }) => becomes?.how.endsWith(" folded in") && from.endsWith(".bias"))) {
    const shift = arrays.get(slot.to)!;
    const put = (part: string, fill: (data: Float32Array) => Float32Array) =>
      arrays.set(plain.get(slot.from.replace(/bias$/, part))!.to, { shape: shift.shape, data: fill(new Float32Array(shift.data.length)) });
    put("weight", (data) => data.fill(1));
    put("running_mean", (data) => data);
    put("running_var", (data) => data.fill(1 - 1e-5));
    put("bias", () => shift.data);
    arrays.set(slot.to, { shape: shift.shape, data: new Float32Array(shift.data.length) });
  }
  const own = new Map([...arrays].map(([name, array]) => [name.slice(prefix.length), array]));
  assignArrays(tf, variables.filter(({ name }) => own.has(name)), own, path);
}

export interface Proof {
  readonly expected: Twin;
  /** Variables under the names of the published model, as the twin's layers have them. */
  readonly variables: readonly NamedVariable[];
  /** Tensors under the names of the twin's outputs. */
  readonly run: () => Readonly<Record<string, Tensor>>;
  /** Compare outputs only. */
  readonly layers?: "left-out";
  /** Layers that Folio computes in another way, so that they have no counterpart. */
  readonly elsewhere?: RegExp;
}

/** Every output, and every layer on the way there, lies within 1e-4 of PyTorch's, relative to the largest of its kept values. */
export async function assertEqual(tf: TensorFlow, proof: Proof): Promise<void> {
  for (const { name, difference } of await differences(tf, proof)) assert.ok(difference <= 1e-4, `${name}: relative difference ${difference}`);
}

/** @throws AssertionError for another shape, and for a layer that was not seen */
export async function differences(tf: TensorFlow, { expected: { layers, outputs: wanted }, variables, run, elsewhere, layers: compare }: Proof): Promise<{ name: string; difference: number }[]> {
  const expected = { layers: compare === "left-out" ? {} : layers, outputs: wanted };
  let outputs: Readonly<Record<string, Tensor>> = {};
  const seen = layersOf(tf, variables, () => {
    outputs = tf.tidy(run);
  });
  assert.deepEqual(Object.keys(expected.layers).filter((name) => !seen.has(name) && !elsewhere?.test(name)), [], "layers that were not seen");
  const found: { name: string; difference: number }[] = [];
  for (const [name, values] of Object.entries(expected.layers)) if (seen.has(name) && !elsewhere?.test(name)) found.push({ name, difference: await difference(seen.get(name)!, values, name, 6) });
  for (const [name, values] of Object.entries(expected.outputs)) {
    assert.deepEqual(squeezed(outputs[name].shape), squeezed(values.shape), `shape of ${name}`);
    found.push({ name, difference: await difference(outputs[name], values, name, 24) });
  }
  tf.dispose([...seen.values(), ...Object.values(outputs)]);
  return found;
}

const squeezed = (shape: readonly number[]): number[] => shape.filter((side) => side !== 1);

async function difference(actual: Tensor, { shape, values }: Values, name: string, kept: number): Promise<number> {
  const flat = await actual.data();
  assert.equal(flat.length, shape.reduce((a, b) => a * b, 1), `numbers of ${name}, [${actual.shape}] where PyTorch has [${shape}]`);
  const step = Math.max(1, Math.floor(flat.length / kept));
  const scale = Math.max(...values.map(Math.abs));
  return Math.max(...values.map((value, i) => Math.abs(flat[i * step] - value))) / scale;
}
