import assert from "node:assert/strict";
import type { Engine, MakeStep } from "../engine/index.js";
import { disposeWeights, namedVariables, readArrays } from "./named.js";
import type { Runner } from "./optimizer-step.js";
import type { TensorFlow } from "./tensorflow.js";

type Trained = { readonly weights: object; readonly history: readonly object[] };

/** An engine that runs the JavaScript of every step, as `wasm` does. */
export function withoutReplay(tf: TensorFlow): Runner {
  const step: MakeStep = (f) => (...given) => tf.tidy(() => f(...given) as never);
  return { tf, step };
}

/**
 * Trains twice, once with and once without replay, and holds both to the same losses and weights, bit for bit.
 * @returns how many of the first one's steps were replayed and recorded, as `describe()` counts them
 */
export async function trainedTwice(engine: Engine, train: (runner: Runner) => Promise<Trained>): Promise<{ replayed: number; recorded: number }> {
  const counted = (name: string): number => engine.describe().counters?.[name] ?? 0;
  const before = [counted("stepsReplayed"), counted("stepsRecorded")];
  const replayed = await train(engine);
  const [replays, records] = [counted("stepsReplayed") - before[0], counted("stepsRecorded") - before[1]];
  const recorded = await train(withoutReplay(engine.tf));
  assert.deepEqual(replayed.history, recorded.history);
  const [one, other] = [await readArrays(namedVariables(replayed.weights)), await readArrays(namedVariables(recorded.weights))];
  for (const [name, { data }] of one) assert.deepEqual(data, other.get(name)!.data, name);
  for (const { weights } of [replayed, recorded]) disposeWeights(weights);
  return { replayed: replays, recorded: records };
}
