import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packageRoot, seededRandom } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { near, numbers } from "../golden.fixture.js";
import { assignArrays, namedVariables, parameterCount, readArrays, trainableVariables } from "../named.js";
import { materialise, plannedCount, type Weights } from "../plan.js";
import type { Rank, Tensor, Tensor2D, Tensor3D, Tensor4D } from "../tensorflow.js";
import { vitB, type SamConfig } from "./config.js";
import { imageEncoder, planImageEncoder } from "./image-encoder.js";
import { maskDecoder, planMaskDecoder } from "./mask-decoder.js";
import { boxTokens, clickTokens, densePositions, fourierFeatures, maskPrompt, planPromptEncoder } from "./prompt-encoder.js";

interface Outputs {
  readonly single: number[];
  readonly multiple: number[];
  readonly iou: number[];
}

/** From PyTorch: tests/golden/sam.py. Every 1/24th of each array. */
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "sam.json"), "utf8")) as {
  readonly torch: string;
  readonly features: number[];
  readonly sparse: number[];
  readonly dense: number[];
  readonly sam: Outputs;
  readonly aespa: Outputs;
  readonly box: { readonly tokens: number[] };
  readonly loss: number;
  readonly gradients: Readonly<Record<string, number[]>>;
  readonly parameters: number;
};

const tiny: SamConfig = {
  imageSize: 24, patch: 4, width: 8, blocks: 2, heads: 2, globalBlocks: [1], window: 4, mlpRatio: 4, positionGrid: 5,
  channels: 16, decoderHeads: 2, decoderMlp: 12, decoderDepth: 2,
};
const plan = { image_encoder: planImageEncoder(tiny), prompt_encoder: planPromptEncoder(tiny), mask_decoder: planMaskDecoder(tiny) };

describe("parameter counts (AESPA spec §3), without making the parameters", () => {
  it("image encoder of ViT-B at 128: 89,613,568", () => {
    const encoder = planImageEncoder(vitB);
    assert.equal(plannedCount(encoder), 89_827_328 - 213_760);
    assert.equal(plannedCount(encoder.patch_embed), 590_592);
    assert.equal(plannedCount(encoder.pos_embed), 3_145_728);
    assert.equal(plannedCount(encoder.blocks[0]), 7_091_328);
    assert.equal(plannedCount(encoder.blocks[2]), 7_089_792);
    assert.equal(plannedCount(encoder.neck), 787_456);
  });
  it("at 256 the global tables are longer", () => assert.equal(plannedCount(planImageEncoder({ ...vitB, imageSize: 256 })), 89_613_568 + 8_192));
  it("prompt encoder: 6,220", () => assert.equal(plannedCount(planPromptEncoder(vitB)), 6_220));
  it("mask decoder: 4,058,340, of which the overlap head 132,612", () => {
    assert.equal(plannedCount(planMaskDecoder(vitB)), 4_058_340);
    assert.equal(plannedCount(planMaskDecoder(vitB).iou_prediction_head), 132_612);
  });
});

let engine: Engine;
let tf: Engine["tf"];
let weights: Weights<typeof plan>;
before(async () => {
  engine = await openEngine({ prefer: "wasm" });
  ({ tf } = engine);
  weights = materialise(tf, plan, seededRandom(1));
  const filled = new Map([...(await readArrays(namedVariables(weights)))].map(([name, { shape }]) => {
    const [scale, shift] = [shape.length > 1 ? 0.5 : 0.2, name.includes("norm") && name.includes("weight") ? 1 : 0];
    return [name, { shape, data: numbers(name, shape.reduce((a, b) => a * b, 1)).map((x) => x * scale + shift) }] as const;
  }));
  assignArrays(tf, namedVariables(weights), filled, "golden");
});
after(() => engine.close());

const images = (): Tensor4D => tf.tensor4d(numbers("images", 2 * 24 * 24 * 3), [2, 24, 24, 3]);
const places = (): Tensor3D => tf.tensor3d(numbers("points", 12), [2, 3, 2]).add(1).mul(12);
const labels = (): Tensor2D => tf.tensor2d([[1, 0, 1], [0, 0, 1]]);
const mask = (): Tensor4D => tf.tensor4d(numbers("mask", 2 * 24 * 24), [2, 24, 24, 1]);

describe(`a tiny Segment Anything model agrees with PyTorch ${golden.torch}`, () => {
  const decode = (output: "single" | "multiple", form: "sam" | "aespa"): ReturnType<typeof maskDecoder> =>
    maskDecoder(tf, {
      image: imageEncoder(tf, images(), weights.image_encoder, tiny),
      imagePositions: densePositions(tf, weights.prompt_encoder, tiny),
      clicks: clickTokens(tf, 2, { places: places(), labels: labels() }, weights.prompt_encoder, tiny),
      mask: maskPrompt(tf, mask(), weights.prompt_encoder, tiny),
    }, weights.mask_decoder, tiny, { output, form });

  it("has as many parameters, planned and made", () => {
    assert.equal(plannedCount(plan), golden.parameters);
    assert.equal(parameterCount(weights), golden.parameters);
    assert.equal(trainableVariables(weights).some(({ name }) => name.includes("gaussian")), false);
  });
  it("image encoder: windows that do not divide, relative positions, bicubic table", async () => near(imageEncoder(tf, images(), weights.image_encoder, tiny), golden.features, "features"));
  it("clicks and mask prompt", async () => {
    await near(clickTokens(tf, 2, { places: places(), labels: labels() }, weights.prompt_encoder, tiny), golden.sparse, "sparse");
    await near(maskPrompt(tf, mask(), weights.prompt_encoder, tiny), golden.dense, "dense");
  });
  it("boxes: two corners and no pad token", async () => {
    const boxes = tf.tensor2d([[3, 5.5, 17.25, 20], [0, 2, 23, 11]]);
    const tokens = boxTokens(tf, boxes, weights.prompt_encoder, tiny);
    assert.deepEqual(tokens.shape, [2, 2, 16]);
    await near(tokens, golden.box.tokens, "box");
  });
  for (const form of ["sam", "aespa"] as const) {
    it(`mask decoder in the form of ${form}`, async () => {
      await near(decode("single", form).logits, golden[form].single, "single");
      const multiple = decode("multiple", form);
      await near(multiple.logits, golden[form].multiple, "multiple");
      await near(multiple.iou(), golden[form].iou, "iou");
    });
  }
  it("gradients", async () => {
    const weigh = tf.tensor4d(numbers("weigh", 2 * 24 * 24), [2, 24, 24, 1]);
    const named = Object.keys(golden.gradients).map((name) => namedVariables(weights).find((each) => each.name === name)!.variable);
    const { value, grads } = tf.variableGrads(() => decode("single", "aespa").logits.mul(weigh).mean().asScalar(), named);
    await near(value, [golden.loss], "loss");
    for (const [i, [name, expected]] of Object.entries(golden.gradients).entries()) {
      const gradient = grads[named[i].name];
      await near(named[i].rank === 4 ? gradient.transpose([3, 2, 0, 1]) : gradient, expected, name);
    }
  });
});

describe("fourierFeatures", () => {
  it("gives the worked values (spec §10, vector 11)", async () => {
    const gaussian = tf.tensor2d([[0.25, 0], [0, 0.5]]) as unknown as Tensor2D;
    const clicks = tf.tensor2d([[8.5, 24.5], [24.5, 8.5]]).div(32);
    const expected = [-0.671559, 0.9951847, 0.7409511, -0.0980172, 0.7409511, -0.9951847, 0.6715589, 0.0980171];
    (await fourierFeatures(tf, clicks, gaussian).data()).forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-5, `${value}, expected ${expected[i]}`));
  });
});

describe("clickTokens", () => {
  it("is the pad token alone before the first click", async () => {
    const tokens = clickTokens(tf, 3, undefined, weights.prompt_encoder, tiny);
    assert.deepEqual(tokens.shape, [3, 1, 16]);
    const pad = (weights.prompt_encoder.not_a_point_embed.weight as unknown as Tensor<Rank.R2>).dataSync();
    assert.deepEqual(tokens.dataSync().slice(32), pad);
  });
});
