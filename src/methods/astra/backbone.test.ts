import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { writeSafetensors, type TensorInput } from "../../io/index.js";
import { assignArrays, disposeWeights, initResNet, namedVariables, readArrays } from "../../nn/index.js";
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
});
