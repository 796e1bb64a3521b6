import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openEngine, type Engine } from "../engine/index.js";
import { Adam } from "./adam.js";
import { writeCheckpoint } from "./checkpoint.js";
import { trainableVariables } from "./named.js";
import { loadTraining, saveTraining } from "./training-checkpoint.js";
import { isTrainingState, startOfTraining, type TrainingState } from "./training.js";

describe("a training's checkpoint", () => {
  let engine: Engine;
  let path: string;
  before(async () => {
    engine = await openEngine();
    path = join(await mkdtemp(join(tmpdir(), "folio-checkpoint-")), "checkpoint.safetensors");
  });
  after(() => engine.close());

  const options = { isState: isTrainingState };
  const trainee = (start: readonly number[]) => {
    const weights = { w: engine.tf.variable(engine.tf.tensor1d([...start])) };
    const adam = new Adam(engine.tf, trainableVariables(weights), 0.1);
    const step = (): void => adam.step(engine.tf.variableGrads(() => engine.tf.sum(engine.tf.square(weights.w))).grads);
    return { weights, optimizers: { "adam/": adam }, step };
  };
  const valuesOf = async ({ weights }: ReturnType<typeof trainee>) => [...(await weights.w.data())];

  it("goes on as if never stopped: the next step from the file is the next step without it", async () => {
    const [one, two] = [trainee([1, -2]), trainee([5, 5])];
    one.step();
    await saveTraining(path, one, { ...startOfTraining(0.1), epoch: 3 });
    one.step();
    const found = await loadTraining<TrainingState>(engine.tf, path, two, options);
    assert.equal(found?.state.epoch, 3);
    two.step();
    assert.deepEqual(await valuesOf(two), await valuesOf(one));
  });

  it("is nothing where no file is", async () => {
    assert.equal(await loadTraining(engine.tf, `${path}.absent`, trainee([0, 0]), options), undefined);
  });

  it("changes nothing when the file is of another run, or holds no state", async () => {
    const own = trainee([7, 8]);
    const check = (): void => {
      throw new Error("another run's");
    };
    await assert.rejects(loadTraining(engine.tf, path, own, { ...options, check }), /another run's/);
    const stateless = `${path}.stateless`;
    for (const state of ["", "{}", "not JSON"]) {
      await writeCheckpoint(stateless, { arrays: new Map([["w", { shape: [2], data: Float32Array.of(1, 1) }]]), metadata: { state } });
      await assert.rejects(loadTraining(engine.tf, stateless, own, options), { code: "bad-header", message: /has no training state/ });
    }
    assert.deepEqual(await valuesOf(own), [7, 8]);
  });
});
