import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openEngine, type Engine } from "../../engine/index.js";
import { disposeWeights, namedVariables, readArrays } from "../../nn/index.js";
import { askAll } from "./ask.js";
import { makeBase } from "./base.js";
import { someCases, tinyConfig } from "./cases.fixture.js";
import { writeLlava } from "./llava.fixture.js";
import { onLlava, openLlava, readLlava } from "./llava.js";
import { initPrsMed } from "./model.js";
import { trainPrsMed } from "./train.js";

describe("a LLaVA-Med checkpoint as it is downloaded, at a reduced size", () => {
  /** Other sizes than any preset's: they must come from the checkpoint. */
  const twin = { ...tinyConfig, clip: { ...tinyConfig.clip, imageSize: 24, patch: 6, visionWidth: 20, visionHeads: 2, visionBlocks: 3 }, lm: { ...tinyConfig.lm, width: 24, layers: 2, heads: 3, kvHeads: 1, hidden: 40, ropeTheta: 1e6 }, head: { ...tinyConfig.head, prompt: 24 } };
  let engine: Engine;
  let folder: string;
  before(async () => {
    engine = await openEngine();
    folder = await mkdtemp(join(tmpdir(), "folio-llava-"));
    await writeLlava(engine, folder, twin);
  });
  after(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });

  it("tells its sizes, and gives every tensor of tower, projector and language model, widened from 16 bit", async () => {
    const llava = await openLlava(folder);
    const { embeddingDeviation: _, ...sizes } = twin.lm;
    assert.deepEqual(llava.lm, sizes);
    const { imageSize, patch, visionWidth, visionHeads, visionBlocks } = llava.clip;
    assert.deepEqual([imageSize, patch, visionWidth, visionHeads, visionBlocks], [24, 6, 20, 2, 3]);
    const arrays = await readLlava(llava);
    const model = initPrsMed(engine.tf, twin, llava.tokenizer, 5);
    const written = await readArrays(namedVariables({ vlm: model.weights.vlm }));
    disposeWeights(model.weights);
    for (const [name, { data }] of written) {
      if (name === "vlm.vision_tower.proj") continue; // not in LLaVA's files
      const read = arrays.get(name)!.data;
      assert.ok(data.every((x, i) => Math.abs(x - Number(read[i])) <= Math.abs(x) / 256), name);
    }
  });

  it("is trained on and asked like any other, its own weights frozen", async () => {
    const llava = await openLlava(folder);
    const config = onLlava(tinyConfig, llava);
    const cases = someCases(4);
    const base = await makeBase({ runner: engine, config, seed: 1, llava });
    assert.deepEqual([base.losses.tower, base.losses.language], [[], []]);
    const without = { ...config, pretraining: { ...config.pretraining, corpusRows: 0 } };
    assert.deepEqual((await makeBase({ runner: engine, config: without, seed: 1, llava })).losses.encoder, []);
    await assert.rejects(makeBase({ runner: engine, config: without, seed: 1 }), /--llava/);
    const model = await trainPrsMed({ runner: engine, cases, config, base, seed: 1 });
    const lm = await readArrays(namedVariables({ vlm: { language_model: model.weights.vlm.language_model } }));
    const given = await readLlava(llava);
    for (const [name, { data }] of lm) assert.deepEqual(data, given.get(name)!.data, name);
    const [reply] = await askAll(engine.tf, model, cases.slice(0, 1), { batch: 1, maxNewTokens: 4 });
    assert.ok(reply.probability.length === 32 * 32 && typeof reply.answer === "string");
    disposeWeights(model.weights);
  });

  it("says which part is missing", async () => {
    await assert.rejects(openLlava(join(folder, "none")), { code: "not-found" });
    const text = await readFile(join(folder, "config.json"), "utf8");
    await writeFile(join(folder, "config.json"), text.replace("rope_theta", "rope"));
    await assert.rejects(openLlava(folder), /does not say rope_theta/);
    await writeFile(join(folder, "config.json"), text);
    const index = await readFile(join(folder, "model.safetensors.index.json"), "utf8");
    const { weight_map } = JSON.parse(index) as { weight_map: Record<string, string> };
    delete weight_map["model.layers.1.mlp.up_proj.weight"];
    await writeFile(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map }));
    await assert.rejects(openLlava(folder).then(readLlava), { code: "missing-tensor", message: /model\.layers\.1\.mlp\.up_proj\.weight/ });
    await writeFile(join(folder, "model.safetensors.index.json"), index);
  });
});
