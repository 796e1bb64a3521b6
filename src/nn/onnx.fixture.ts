import assert from "node:assert/strict";
import * as ort from "onnxruntime-node";
import { numbers } from "./golden.fixture.js";
import type { NetworkCall } from "./exported-network.js";
import type { Tensor, TensorFlow } from "./tensorflow.js";

type Numbers = Readonly<Record<string, { readonly data: Float32Array; readonly shape: readonly number[] }>>;

/** Numbers in (0, 1) for every input of a call, the same on every engine. */
export const drawn = (inputs: NetworkCall["inputs"]): Numbers =>
  Object.fromEntries(Object.entries(inputs).map(([name, { size, shape }]) => [name, { data: numbers(name, size).map((x) => (x + 1) / 2), shape: [...shape] }]));

/** What onnxruntime itself, with all its optimisations, makes of an exported model. */
export async function runOnnx(model: Uint8Array | string, given: Numbers): Promise<Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>> {
  const session = await ort.InferenceSession.create(model as string, { graphOptimizationLevel: "all" });
  try {
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, new ort.Tensor("float32", given[name].data, [...given[name].shape])]));
    return (await session.run(feeds)) as never;
  } finally {
    await session.release();
  }
}

/** The model's outputs are those of the call, to 1e-4 of the largest number of each. */
export async function assertSameOutputs(tf: TensorFlow, model: Uint8Array | string, { inputs, forward }: NetworkCall): Promise<void> {
  const given = drawn(inputs);
  const theirs = await runOnnx(model, given);
  const ours = tf.tidy(() => forward(Object.fromEntries(Object.entries(given).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]))));
  assert.deepEqual(Object.keys(theirs).sort(), Object.keys(ours).sort());
  for (const [name, tensor] of Object.entries(ours)) {
    assert.deepEqual([...theirs[name].dims], tensor.shape, name);
    const [a, b] = [(await tensor.data()) as Float32Array, theirs[name].data];
    const scale = a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    assert.ok(scale > 0, `${name} is not all zeros`);
    const apart = a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);
    assert.ok(apart <= 1e-4 * scale, `${name}: ${apart} apart, largest number ${scale}`);
  }
  tf.dispose(ours as Record<string, Tensor>);
}
