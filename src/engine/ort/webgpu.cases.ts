import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { engineCases } from "../cases/engine.cases.js";
import { transformer } from "../cases/pytorch/transformer.js";
import { unet } from "../cases/pytorch/unet.js";
import { vit } from "../cases/pytorch/vit.js";
import type { Engine } from "../engine.js";
import { openEngine } from "../open.js";
import { loadTensorFlow } from "../tfjs.js";
import { startLazy } from "./backend.js";

/** An event of ONNX Runtime's profile. */
interface Profiled {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly op_name: string; readonly provider: string };
}

// Run by webgpu.test.ts in a process that finds a Vulkan driver; on a real GPU: node --test dist/engine/ort/webgpu.cases.js
const open = () => openEngine({ prefer: "ort-webgpu" });

engineCases("ort-webgpu", open);

describe("ort-webgpu, state on the GPU", () => {
  let engine: Engine;
  before(async () => {
    engine = await open();
  });
  after(() => engine.close());
  const moved = () => {
    const { bytesToDevice, bytesFromDevice } = engine.describe().counters!;
    return { bytesToDevice, bytesFromDevice };
  };

  it("moves a few numbers at a step: weights, moments and a batch that comes again stay there", async () => {
    const { tf } = engine;
    const net = vit(tf);
    const optimizer = tf.train.adam(1e-3);
    const step = engine.step(() => optimizer.minimize(net.loss, true, [...net.variables])!);
    for (let i = 0; i < 4; i++) step().dispose();
    const before = moved();
    const loss = step();
    await loss.data();
    const afterwards = moved();
    assert.ok(afterwards.bytesToDevice - before.bytesToDevice <= 128, "16 targets, the learning rate and two powers of beta go there");
    assert.ok(afterwards.bytesFromDevice - before.bytesFromDevice <= 16, "the loss and the powers come back");
    assert.equal(engine.describe().state, "on the GPU");
    tf.dispose([loss, ...net.variables]);
    optimizer.dispose();
  });

  it("refuses float16 on a GPU without it", async (context) => {
    await engine.close();
    const half = await openEngine({ prefer: "ort-webgpu", precision: "float16" }).catch((error: Error) => error);
    if (half instanceof Error) assert.match(half.message, /^Engine "ort-webgpu": this GPU or its driver cannot compute in float16 .*Leave precision out\.$/);
    else {
      context.diagnostic("this GPU has float16");
      await half.close();
    }
    engine = await open();
  });

  it("outlives the graphs that made it: more than are kept, then all of its numbers", async () => {
    const { tf } = engine;
    const kept = Array.from({ length: 60 }, (_, i) => tf.mul(tf.ones([2, i + 1]), i).square());
    for (const x of kept) await x.data();
    for (const [i, x] of kept.entries()) assert.deepEqual([...new Set(await tf.add(x, 1).data())], [i * i + 1]);
    tf.dispose(kept);
  });

  it("holds no more tensors after many steps than after few", async () => {
    const { tf } = engine;
    const w = tf.variable(tf.ones([100]));
    const optimizer = tf.train.momentum(0.01, 0.9);
    const step = engine.step((x) => optimizer.minimize(() => tf.sum(tf.square(tf.sub(w, x))), true, [w])!);
    const held: number[] = [];
    for (let i = 0; i < 40; i++) {
      const x = tf.tidy(() => tf.mul(tf.ones([100]), i));
      tf.dispose([step(x), x]);
      held.push(engine.describe().counters!.tensorsOnDevice);
    }
    assert.equal(held[39], held[9]);
    tf.dispose(w);
    optimizer.dispose();
  });
});

describe("ort-webgpu, whole steps", () => {
  // WebGPU's provider reshapes no whole numbers: the indices of the words go the long way.
  for (const { name, make, left } of [
    { name: "unet", make: unet, left: [] },
    { name: "transformer", make: transformer, left: ["Reshape"] },
  ])
    it(`leaves ${left.join() || "nothing"} of a ${name}'s training step to the processor`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "folio-profile-"));
      const tf = await loadTensorFlow();
      const running = await startLazy(tf, { name: "ort-webgpu", provider: "webgpu", threads: 1, profile: join(folder, "graph") });
      const { variables, loss } = make(tf);
      await tf.square(tf.ones([2])).data(); // computes what making the network recorded
      const optimizer = tf.train.adam(1e-3);
      for (let i = 0; i < 2; i++) await optimizer.minimize(loss, true, [...variables])!.data();
      tf.dispose([...variables]);
      await running.close();
      const graphs = await Promise.all((await readdir(folder)).map(async (file) => JSON.parse(await readFile(join(folder, file), "utf8")) as Profiled[]));
      const kernels = graphs.map((events) => events.filter((event) => event.cat === "Node" && event.name.endsWith("_kernel_time")));
      const steps = kernels.filter((nodes) => nodes.length > 100);
      assert.ok(steps.length > 0);
      const onProcessor = steps.flat().filter(({ args }) => args!.provider.startsWith("CPU"));
      assert.deepEqual([...new Set(onProcessor.map(({ args }) => args!.op_name))], left);
      await rm(folder, { recursive: true });
    });
});
