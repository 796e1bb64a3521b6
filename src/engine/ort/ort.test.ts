import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { seededRandom } from "../../core/index.js";
import { engineCases } from "../cases/engine.cases.js";
import { contrastiveNet, train } from "../cases/nets.js";
import type { Scalar, Tensor } from "@tensorflow/tfjs";
import type { Engine, TensorFlow } from "../engine.js";
import { openEngine } from "../open.js";
import { loadTensorFlow } from "../tfjs.js";
import { startLazy } from "./backend.js";

engineCases("ort", () => openEngine({ prefer: "ort" }));

describe("ort, whole steps", () => {
  let engine: Engine;
  let tf: TensorFlow;
  before(async () => {
    engine = await openEngine({ prefer: "ort", threads: 1 });
    ({ tf } = engine);
  });
  after(() => engine.close());
  const counter = (name: string): number => engine.describe().counters?.[name] ?? 0;

  it("runs a training step as one graph, compiled once", async () => {
    const net = contrastiveNet(tf, seededRandom(2));
    await tf.square(net.variables[0]).data(); // computes what making the network recorded
    const optimizer = tf.train.adam(0.01);
    const perStep: number[][] = [];
    for (let step = 0; step < 6; step++) {
      const [runs, compiled] = [counter("runs"), counter("graphsCompiled")];
      const loss = optimizer.minimize(net.loss, true, net.variables)!;
      await loss.data();
      loss.dispose();
      perStep.push([counter("runs") - runs, counter("graphsCompiled") - compiled]);
    }
    assert.deepEqual(perStep, [
      [1, 1],
      [1, 0],
      [1, 0],
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    assert.equal(counter("kernelsElsewhere"), 0);
  });

  it("replays a step that returns a reshaped view, as often as one likes", async () => {
    const step = engine.step((x: Tensor) => x.square().reshape([-1]));
    const [two, six] = [tf.ones([2, 3]), tf.ones([6])];
    for (let call = 0; call < 6; call++) {
      const before = counter("stepsReplayed");
      const given = two.mul(call);
      const y = step(given);
      assert.deepEqual([y.shape, [...(await y.data())]], [[6], Array.from({ length: 6 }, () => call * call)]);
      assert.equal(counter("stepsReplayed") > before, call >= 2, `call ${call}`);
      // Others of both shapes in between, whose arrays may be used again.
      const [a, b] = [two.add(call), six.add(y)];
      assert.equal((await b.data())[5], 1 + call * call);
      tf.dispose([given, y, a, b]);
    }
  });

  it("replays whatever shape an argument's data was made in, and again for batches of another size", async () => {
    const step = engine.step((x: Tensor) => x.square().sum());
    const replayed: boolean[] = [];
    for (const [call, shape] of [[2, 3], [2, 3], [6], [2, 3], [4, 1], [4, 1], [4], [2, 3], [4, 1]].entries()) {
      const size = shape.reduce((product, n) => product * n, 1);
      const made = tf.fill(shape, call);
      const x = made.reshape(size === 6 ? [2, 3] : [4, 1]);
      const before = counter("stepsReplayed");
      assert.equal((await step(x).data())[0], size * call * call);
      replayed.push(counter("stepsReplayed") > before);
      tf.dispose([made, x]);
    }
    assert.deepEqual(replayed, [false, false, true, true, false, false, true, true, true]);
  });

  it("counts the calls of steps that were recorded, and says why", async () => {
    const w = tf.variable(tf.ones([16]));
    const reasons = async (f: () => Tensor, between = (): void => {}): Promise<Record<string, number>> => {
      const before = engine.describe().counters!;
      const step = engine.step(f);
      for (let call = 0; call < 5; call++) {
        step().dispose();
        if (call === 3) between();
      }
      const counts = Object.entries(engine.describe().counters!).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
      return Object.fromEntries(counts.filter(([name, count]) => name.startsWith("step recorded") && count > 0).map(([name, count]) => [name.replace("step recorded because ", ""), count]));
    };
    const watching = "it has not been watched twice with arguments of these shapes";
    assert.deepEqual(await reasons(() => tf.square(w)), { [watching]: 2 });
    assert.deepEqual(await reasons(() => tf.scalar(tf.sum(w).dataSync()[0])), { [watching]: 1, "it reads a tensor": 4 });
    const random = seededRandom(1);
    assert.deepEqual(await reasons(() => tf.mul(w, tf.scalar(random.uniform()))), {
      [watching]: 2,
      "its calls do not compute the same graph": 1, // the number is built in, changes, and becomes an input
      "JavaScript made other numbers inside it (random draws must be arguments)": 2,
    });
    let copy: Tensor | undefined;
    const assign = (): Tensor => {
      w.assign(tf.mul(w, 0.5));
      return tf.sum(w);
    };
    assert.deepEqual(await reasons(assign, () => (copy = w.clone())), { [watching]: 2, "a copy of a variable is kept": 1 });
    const sum = Object.entries(engine.describe().counters!).filter(([name]) => name.startsWith("step recorded")).reduce((total, [, count]) => total + count, 0);
    assert.equal(counter("stepsRecorded"), sum);
    tf.dispose([w, copy!]);
  });

  it("replays a step from the third call on, with what JavaScript made only as long as it stays the same", async () => {
    const w = tf.variable(tf.ones([32]));
    const optimizer = tf.train.adam(0.1);
    const replayed = async (f: () => Scalar): Promise<boolean[]> => {
      const step = engine.step(f);
      return Array.from({ length: 7 }, () => {
        const before = counter("stepsReplayed");
        step().dispose();
        return counter("stepsReplayed") > before;
      });
    };
    const minimize = (loss: () => Tensor) => () => optimizer.minimize(() => tf.sum(loss()) as Scalar, true, [w])!;
    assert.deepEqual((await replayed(minimize(() => tf.square(w)))).slice(4), [true, true, true]);
    assert.deepEqual((await replayed(minimize(() => tf.dropout(w, 0.5)))).slice(1), [false, false, false, false, false, false]);
    const reads = () => tf.tidy(() => tf.scalar(tf.sum(w).dataSync()[0]));
    assert.ok((await replayed(reads)).every((yes) => !yes));
    const rmsprop = tf.train.rmsprop(0.1);
    assert.ok((await replayed(() => rmsprop.minimize(() => tf.sum(tf.square(w)) as Scalar, true, [w])!)).every((yes) => !yes));
    let kept: Tensor[] = [];
    assert.ok(
      (
        await replayed(() => {
          kept.push(tf.keep(tf.mul(w, 2)));
          return tf.sum(w) as Scalar;
        })
      ).every((yes) => !yes),
    );
    tf.dispose(kept);
    kept = [];
  });

  it("compiles a learning-rate schedule once more, then never again", async () => {
    const w = tf.variable(tf.ones([32]));
    const optimizer = tf.train.adam(0.1);
    const compiled: number[] = [];
    for (let step = 0; step < 8; step++) {
      const before = counter("graphsCompiled");
      (optimizer as unknown as { learningRate: number }).learningRate = 0.1 / (step + 1);
      optimizer.minimize(() => tf.sum(tf.square(w)), false, [w]);
      compiled.push(counter("graphsCompiled") - before);
    }
    assert.deepEqual(compiled.slice(3), [0, 0, 0, 0, 0]);
  });

  it("keeps memory flat over 2,000 steps that nobody reads", async () => {
    const script = `
      import { openEngine } from ${JSON.stringify(fileURLToPath(new URL("../index.js", import.meta.url)))};
      const { tf } = await openEngine({ prefer: "ort", threads: 1 });
      const [first, second] = [tf.variable(tf.randomNormal([8, 16])), tf.variable(tf.randomNormal([16, 1]))];
      const x = tf.randomNormal([32, 8]);
      const loss = () => tf.mean(tf.square(tf.matMul(tf.dropout(tf.relu(tf.matMul(x, first)), 0.5), second)));
      const optimizer = tf.train.adam(0.001);
      const run = (steps) => {
        for (let step = 0; step < steps; step++) optimizer.minimize(loss, false, [first, second]);
        gc();
        const { rss, heapUsed, external } = process.memoryUsage();
        return { rss, heapUsed, external, tensors: tf.memory().numTensors, buffers: tf.backend().numDataIds() };
      };
      process.stdout.write(JSON.stringify([run(500), run(2000)]));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", "--input-type=module", "-e", script]);
    const [before, afterwards] = JSON.parse(stdout) as Record<"rss" | "heapUsed" | "external" | "tensors" | "buffers", number>[];
    assert.equal(afterwards.tensors, before.tensors);
    assert.equal(afterwards.buffers, before.buffers);
    const grown = (what: "rss" | "heapUsed" | "external"): number => (afterwards[what] - before[what]) / 2 ** 20;
    assert.ok(grown("heapUsed") < 3, `the JavaScript heap grew by ${grown("heapUsed").toFixed(1)} MB`);
    assert.ok(grown("external") < 3, `arrays grew by ${grown("external").toFixed(1)} MB`);
    assert.ok(grown("rss") < 40, `resident memory grew by ${grown("rss").toFixed(1)} MB`);
  });

  it("computes a loop that never reads in pieces", () => {
    const before = counter("runs");
    let x: Tensor = tf.scalar(0);
    for (let i = 0; i < 25_000; i++) {
      const next = tf.add(x, 1);
      x.dispose();
      x = next;
    }
    assert.ok(counter("runs") > before);
    assert.equal(x.dataSync()[0], 25_000);
  });

  it("uses the numbers an array had when the tensor was made", async () => {
    const batch = Float32Array.from({ length: 64 }, () => 1);
    const sum = tf.sum(tf.tensor1d(batch));
    batch.fill(5);
    assert.deepEqual(Array.from(await sum.data()), [64]);
    const x = tf.ones([16]);
    (await x.data()).fill(9);
    assert.deepEqual(Array.from(await tf.sum(x).data()), [16]);
  });

  it("says what failed when a recorded step cannot be computed, and goes on", async () => {
    const rows = tf.gather(tf.ones([3, 20]), tf.tensor1d([7], "int32"));
    await assert.rejects(rows.data(), /could not compute a recorded step.*out of (data )?bounds/is);
    await assert.rejects(rows.data(), /never computed/);
    assert.deepEqual(Array.from(await tf.sum(tf.ones([20])).data()), [20]);
  });

  it("runs complex numbers and value-dependent kernels elsewhere, and counts them", async () => {
    const before = counter("kernelsElsewhere");
    const spectrum = tf.abs(tf.fft(tf.complex(tf.ones([8]), tf.zeros([8]))));
    assert.deepEqual(Array.from(await spectrum.data(), Math.round), [8, 0, 0, 0, 0, 0, 0, 0]);
    const kernels = counter("kernelsElsewhere");
    assert.deepEqual([...(await tf.range(1, 4).data())], [1, 2, 3]); // a constant, and no kernel
    assert.equal(counter("kernelsElsewhere"), kernels);
    const { values } = tf.unique(tf.tensor1d([3, 3, 1]));
    assert.deepEqual(Array.from(await values.data()), [3, 1]);
    assert.ok(counter("kernelsElsewhere") > before);
    assert.ok(counter("elsewhere Unique") >= 1);
  });

  it("trains through shapes that change, as the last batch of an epoch does", async () => {
    const w = tf.variable(tf.randomNormal([4, 3], 0, 1, "float32", 1));
    const optimizer = tf.train.sgd(0.1);
    const before = counter("graphsCompiled");
    for (let epoch = 0; epoch < 4; epoch++) {
      for (const rows of [8, 8, 5]) {
        const x = tf.randomNormal([rows, 4], 0, 1, "float32", epoch);
        optimizer.minimize(() => tf.mean(tf.square(tf.matMul(x, w as never))), false, [w]);
        x.dispose();
      }
    }
    assert.ok(counter("graphsCompiled") - before <= 4);
    assert.ok((await w.data()).every(Number.isFinite));
  });
});

describe("ort with room for few graphs", () => {
  for (const limit of [{ graphs: 2 }, { graphBytes: 1 }])
    it(`drops graphs (${JSON.stringify(limit)}) and goes on replaying a step that was not used for a while`, async () => {
      const tf = await loadTensorFlow();
      const running = await startLazy(tf, { threads: 1, ...limit });
      const w = tf.variable(tf.ones([16]));
      const optimizer = tf.train.sgd(0.1);
      const step = running.step!(() => optimizer.minimize(() => tf.sum(tf.square(w)) as Scalar, true, [w])!);
      const losses: number[] = [];
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 4; i++) losses.push((await step().data())[0]);
        for (let length = 1; length < 5; length++) assert.equal((await tf.sum(tf.square(tf.ones([length + 10 * round]))).data())[0], length + 10 * round);
      }
      for (const [i, loss] of losses.entries()) assert.ok(Math.abs(loss - 16 * 0.8 ** (2 * i)) < 1e-4, `step ${i}: ${loss}`);
      w.dispose();
      await running.close();
    });
});

describe("ort beside wasm", () => {
  it("has the same losses over 20 steps from the same weights", async () => {
    const losses = async (prefer: "ort" | "wasm"): Promise<number[]> => {
      const engine = await openEngine({ prefer });
      const result = await train(engine.tf, contrastiveNet(engine.tf, seededRandom(9)), 20, 0.003);
      await engine.close();
      return result;
    };
    const [ort, wasm] = [await losses("ort"), await losses("wasm")];
    for (const [step, loss] of wasm.entries())
      assert.ok(Math.abs(ort[step] - loss) < 1e-3 * loss, `step ${step}: ort ${ort[step]}, wasm ${loss}`);
  });
});

describe("ort, eager mode", () => {
  it("gives what the lazy mode gives, kernel by kernel", async () => {
    const tf = await loadTensorFlow();
    const losses = async (mode: "eager" | "lazy"): Promise<number[]> => {
      const running = await startLazy(tf, { mode, threads: 1, graphs: 400 });
      const result = await train(tf, contrastiveNet(tf, seededRandom(5), 2), 5);
      await running.close();
      return result;
    };
    const [eager, lazy] = [await losses("eager"), await losses("lazy")];
    for (const [step, loss] of lazy.entries())
      assert.ok(Math.abs(eager[step] - loss) < 1e-4, `step ${step}: eager ${eager[step]}, lazy ${loss}`);
  });
});
