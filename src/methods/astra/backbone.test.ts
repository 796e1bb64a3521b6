import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packageRoot, seededRandom } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { writeSafetensors, type TensorInput } from "../../io/index.js";
import { assignArrays, disposeWeights, initResNet, namedVariables, readArrays, resnet } from "../../nn/index.js";
import { astraBackbone, backboneShapes, readBackbone } from "./backbone.js";

describe("what ASTRA takes from a torchvision ResNet", () => {
  let [engine, folder] = [undefined as unknown as Engine, ""];
  before(async () => {
    engine = await openEngine();
    folder = await mkdtemp(join(tmpdir(), "folio-backbone-"));
  });
  after(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });

  it("counts torchvision's parameters without the classifier", () => {
    const numbers = (shape: keyof typeof backboneShapes): number =>
      astraBackbone(backboneShapes[shape])
        .slots.filter(({ from }) => !from.includes("running_"))
        .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    assert.equal(numbers("resnet34"), 21_284_672);
    assert.equal(numbers("resnet18"), 11_176_512);
  });

  for (const shape of [backboneShapes.small, { blocks: [2, 2, 2, 2], widths: [2, 3, 4, 5] }] as const) {
    it(`names exactly the variables of the network, blocks ${shape.blocks.join("+")}`, async () => {
      const weights = initResNet(engine.tf, shape, seededRandom(1));
      const arrays = await readArrays(namedVariables(weights));
      const wanted = astraBackbone(shape).slots.map(({ from, shape }) => [from, shape]);
      assert.deepEqual([...arrays].map(([name, array]) => [name, array.shape]).sort(), wanted.sort());

      const path = join(folder, "resnet.safetensors");
      const published = [...arrays].map(([name, array]): [string, TensorInput] => [`state_dict.${name}`, array]);
      await writeSafetensors(path, new Map([...published, ["state_dict.fc.bias", { data: [1], shape: [1] }]]));
      const read = await readBackbone(path, shape);
      assert.deepEqual(Object.fromEntries(read), Object.fromEntries(arrays));
      assignArrays(engine.tf, namedVariables(weights), read, path);
      disposeWeights(weights);
    });
  }

  it("computes what PyTorch computes with the same file", async () => {
    const golden = JSON.parse(await readFile(join(packageRoot, "tests", "golden", "resnet_weights.json"), "utf8")) as Golden;
    const path = join(folder, "resnet18.pth");
    await writeFile(path, Buffer.from(golden.file, "base64"));
    const { tf } = engine;
    const weights = initResNet(tf, golden, seededRandom(1));
    assignArrays(tf, namedVariables(weights), await readBackbone(path, golden), path);
    const [n, c, h, w] = golden.pictures;
    const values = Float32Array.from({ length: n * c * h * w }, (_, i) => Math.sin(i * 0.37));
    const features = tf.tidy(() => resnet(tf, tf.tensor4d(values, [n, c, h, w]).transpose([0, 2, 3, 1]), weights, "eval"));
    const actual = await features.data();
    const expected = golden.features.flat();
    assert.equal(actual.length, expected.length);
    const largest = Math.max(...expected.map((value, i) => Math.abs(actual[i] - value) / Math.abs(value)));
    assert.ok(largest < 1e-5, `relative error ${largest}`);
    features.dispose();
    disposeWeights(weights);
  });
});

interface Golden {
  readonly blocks: readonly [number, number, number, number];
  readonly widths: readonly [number, number, number, number];
  readonly pictures: readonly [n: number, c: number, h: number, w: number];
  readonly file: string;
  readonly features: readonly (readonly number[])[];
}
