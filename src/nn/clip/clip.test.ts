import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { packageRoot, seededRandom } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { assignArrays, namedVariables, readArrays, trainableVariables, type NamedArray } from "../named.js";
import { l2Normalise } from "../nt-xent.js";
import { materialise, namedParameters, plannedCount, type Weights } from "../plan.js";
import type { Tensor, Tensor3D, Tensor4D } from "../tensorflow.js";
import { clipVitB32, type ClipConfig } from "./config.js";
import { clipSlots } from "./published-names.js";
import { quickGelu, residualBlock, residualBlockSeen } from "./residual-block.js";
import { encodeText, planTextTower } from "./text-tower.js";
import { clipTokenizer, framed, readClipVocabulary, wordTokenizer } from "./tokenizer.js";
import { embedPatches, encodeImage, planVisionTower, visionTokens } from "./vision-tower.js";

/** From PyTorch and the published vocabulary: tests/golden/clip.py. */
const golden = JSON.parse(readFileSync(join(packageRoot, "tests/golden/clip.json"), "utf8")) as {
  readonly torch: string;
  readonly tokens: number[][];
  readonly image: number[];
  readonly text: number[];
  readonly loss: number;
  readonly seen: number[];
  readonly names: Readonly<Record<string, number[]>>;
  readonly gradients: Readonly<Record<string, number[]>>;
  readonly bpe: { readonly texts: { readonly text: string; readonly ids: number[] }[]; readonly merges: [number, string][] };
};

const tiny: ClipConfig = {
  imageSize: 12, patch: 4, visionWidth: 8, visionBlocks: 2, visionHeads: 2, joint: 6,
  context: 7, vocabulary: 11, textWidth: 6, textBlocks: 2, textHeads: 3,
};
const plan = { visual: planVisionTower(tiny), ...planTextTower(tiny) };

let engine: Engine;
let tf: Engine["tf"];
let weights: Weights<typeof plan>;
before(async () => {
  engine = await openEngine({ prefer: "wasm" });
  ({ tf } = engine);
  weights = materialise(tf, plan, seededRandom(1));
  assignArrays(tf, namedVariables(weights), goldenArrays(golden.names), "golden");
});
after(() => engine.close());

function goldenArrays(names: Readonly<Record<string, number[]>>): Map<string, NamedArray> {
  return new Map(Object.entries(names).map(([name, shape]) => {
    const [scale, shift] = [shape.length > 1 ? 0.5 : 0.2, name.includes("ln_") && name.includes("weight") ? 1 : 0];
    return [name, { shape, data: numbers(name, shape.reduce((a, b) => a * b, 1)).map((x) => x * scale + shift) }];
  }));
}

/** The same numbers as in tests/golden/clip.py. */
function numbers(name: string, count: number): Float32Array {
  let state = 7;
  for (const character of name) state = (Math.imul(31, state) + character.charCodeAt(0)) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}

const images = (): Tensor4D => tf.tensor4d(numbers("images", 2 * 12 * 12 * 3), [2, 12, 12, 3]);

async function near(actual: Tensor, expected: readonly number[], tolerance = 2e-5): Promise<void> {
  const values = await actual.data();
  assert.ok(values.length >= expected.length);
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(values[i] - value) <= tolerance, `[${i}]: ${values[i]}, expected ${value}`);
}

describe("parameter counts, without making the parameters", () => {
  it("ViT-B/32: 151,277,313, of which the image tower 87,849,216", () => {
    assert.equal(plannedCount(planVisionTower(clipVitB32)), 87_849_216);
    assert.equal(plannedCount(planVisionTower(clipVitB32)) + plannedCount(planTextTower(clipVitB32)), 151_277_313);
  });
  it("the names are those of the published file", () => {
    const shapes = Object.fromEntries(namedParameters(plan).map(({ name, parameter: { shape } }) => [name, shape.length === 4 ? [3, 2, 0, 1].map((axis) => shape[axis]) : [...shape]]));
    assert.deepEqual(shapes, golden.names);
  });
});

describe(`towers agree with PyTorch ${golden.torch}`, () => {
  it("image and text in the joint space", async () => {
    await near(encodeImage(tf, images(), weights.visual, tiny), golden.image);
    await near(encodeText(tf, golden.tokens, 10, weights, tiny), golden.text);
  });
  it("how the last block's tokens look at each other", async () => {
    const before = visionTokens(tf, images(), weights.visual, tiny, { blocks: 1 });
    const { x, seen } = residualBlockSeen(tf, before, weights.visual.transformer.resblocks[1], tiny.visionHeads);
    await near(seen, golden.seen);
    await near(x, [...(await residualBlock(tf, before, weights.visual.transformer.resblocks[1], tiny.visionHeads).data())], 1e-6);
    assert.deepEqual(embedPatches(tf, images(), weights.visual).shape, [2, 10, 8]);
  });
  it("contrastive loss and its gradients", async () => {
    const variables = trainableVariables(weights);
    const { value, grads } = tf.variableGrads(() => {
      const image = l2Normalise(tf, encodeImage(tf, images(), weights.visual, tiny));
      const text = l2Normalise(tf, encodeText(tf, golden.tokens, 10, weights, tiny));
      const logits = tf.matMul(image, text, false, true).mul(weights.logit_scale.exp());
      return tf.losses.softmaxCrossEntropy(tf.tensor2d([[1, 0], [0, 1]]), logits);
    }, variables.map(({ variable }) => variable));
    await near(value, [golden.loss]);
    for (const [name, expected] of Object.entries(golden.gradients)) {
      const { variable } = variables.find((each) => each.name === name)!;
      const gradient = grads[variable.name];
      await near(gradient.rank === 4 ? gradient.transpose([3, 2, 0, 1]) : gradient, expected, 1e-4);
    }
  });
  it("quickGelu by hand", () => near(quickGelu(tf.tensor1d([-1, 0, 1])), [-0.1542042, 0, 0.8457958], 1e-6));
});

describe("clipTokenizer", () => {
  // A vocabulary with the published merges that these texts touch, each at its place, and fillers between.
  const merges = Array.from({ length: 49152 - 256 - 2 }, (_, i) => `\u0001${i} \u0002`);
  for (const [rank, pair] of golden.bpe.merges) merges[rank] = pair;
  const tokenizer = clipTokenizer(merges);
  for (const { text, ids } of golden.bpe.texts) it(JSON.stringify(text), () => assert.deepEqual(tokenizer.encode(text), ids));
  it("the prompts of RASALoRE (spec §10, vector 10)", () => {
    const framedTo77 = framed(tokenizer.encode("a photo of a Healthy brain."), tokenizer, 77);
    assert.deepEqual(framedTo77.slice(0, 9), [49406, 320, 1125, 539, 320, 3782, 4812, 269, 49407]);
    assert.equal(framedTo77.length, 77);
    assert.equal(tokenizer.encode("a photo of a Unhealthy brain.")[4], 30994);
    const learned = framed(tokenizer.encode(`${"X ".repeat(16)}Healthy.`), tokenizer, 77);
    assert.deepEqual(learned.slice(0, 20), [49406, ...Array.from({ length: 16 }, () => 343), 3782, 269, 49407]);
    assert.throws(() => framed(Array.from({ length: 76 }, () => 1), tokenizer, 77), { code: "invalid-value" });
  });
  it("reads the published file, packed or not, and refuses another", async () => {
    const folder = await mkdtemp(join(tmpdir(), "folio-clip-"));
    try {
      const text = `#version\n${merges.join("\n")}\nmore merges\n`;
      await writeFile(join(folder, "packed.gz"), gzipSync(text));
      await writeFile(join(folder, "plain.txt"), text);
      await writeFile(join(folder, "short.txt"), "#version\na b\n");
      assert.deepEqual(await readClipVocabulary(join(folder, "packed.gz")), merges);
      assert.equal((await readClipVocabulary(join(folder, "plain.txt"))).length, 48894);
      await assert.rejects(readClipVocabulary(join(folder, "short.txt")), { code: "bad-header" });
      await assert.rejects(readClipVocabulary(join(folder, "none")), { code: "not-found" });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  it("whole words for small models", () => {
    const words = wordTokenizer(["a", "bright", "spot"]);
    assert.deepEqual([words.encode("A bright spot."), words.start, words.end, words.size], [[0, 1, 2], 3, 4, 5]);
    assert.throws(() => words.encode("a dark spot"), { code: "invalid-value", message: /dark/ });
  });
});

describe("clipSlots", () => {
  it("gives every tensor its published name and place", () => {
    const theirs = new Map<string, NamedArray>();
    const put = (name: string, array: NamedArray): void => void theirs.set(name, array);
    const ours = goldenArrays(golden.names);
    for (const [name, array] of ours) {
      const block = /^(visual\.)?transformer\.resblocks\.(\d+)\.(.+)$/.exec(name);
      if (block === null) continue;
      const before = `${block[1] ? "vision" : "text"}_model.encoder.layers.${block[2]}`;
      const rest = block[3].replace("ln_", "layer_norm").replace("mlp.c_fc", "mlp.fc1").replace("mlp.c_proj", "mlp.fc2").replace("attn.out_proj", "self_attn.out_proj");
      const fused = /^attn\.in_proj_(weight|bias)$/.exec(rest);
      if (fused === null) put(`${before}.${rest}`, array);
      else {
        const third = array.data.length / 3;
        for (const [i, part] of ["q", "k", "v"].entries()) put(`${before}.self_attn.${part}_proj.${fused[1]}`, { shape: [array.shape[0] / 3, ...array.shape.slice(1)], data: array.data.slice(i * third, (i + 1) * third) });
      }
    }
    const direct: Record<string, string> = {
      "visual.class_embedding": "vision_model.embeddings.class_embedding", "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
      "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight", "visual.ln_pre.weight": "vision_model.pre_layrnorm.weight", "visual.ln_pre.bias": "vision_model.pre_layrnorm.bias",
      "visual.ln_post.weight": "vision_model.post_layernorm.weight", "visual.ln_post.bias": "vision_model.post_layernorm.bias", "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
      positional_embedding: "text_model.embeddings.position_embedding.weight", "ln_final.weight": "text_model.final_layer_norm.weight", "ln_final.bias": "text_model.final_layer_norm.bias", logit_scale: "logit_scale",
    };
    for (const [own, their] of Object.entries(direct)) put(their, ours.get(own)!);
    for (const [own, their] of [["visual.proj", "visual_projection.weight"], ["text_projection", "text_projection.weight"]]) {
      const { shape: [rows, columns], data } = ours.get(own)!;
      put(their, { shape: [columns, rows], data: Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]) });
    }
    const slots = clipSlots({ visual: planVisionTower(tiny), ...planTextTower(tiny) });
    assert.deepEqual(slots.map(({ to }) => to).sort(), [...ours.keys()].sort());
    assert.deepEqual(slots.flatMap(({ from, also = [] }) => [from, ...also.map((other) => other.from)]).sort(), [...theirs.keys()].sort());
    for (const { from, to, shape, also = [], becomes } of slots) {
      const parts = [from, ...also.map((other) => other.from)].map((name) => theirs.get(name)!);
      assert.deepEqual(parts[0].shape, shape, from);
      const [first, ...others] = parts.map(({ data }) => data);
      assert.deepEqual({ shape: becomes?.shape ?? shape, data: becomes?.convert(first, ...others) ?? first }, ours.get(to), to);
    }
  });
});

describe("readArrays", () => {
  it("writes a tower as PyTorch would", async () => {
    const arrays = await readArrays(namedVariables(weights));
    assert.deepEqual(arrays.get("visual.conv1.weight")!.shape, [8, 3, 4, 4]);
    const tokens: Tensor3D = visionTokens(tf, images(), weights.visual, tiny, { blocks: 0 });
    assert.deepEqual(tokens.shape, [2, 10, 8]);
  });
});
