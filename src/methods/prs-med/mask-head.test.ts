import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../../core/index.js";
import { tensorWithin } from "../../core/near.fixture.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { interpolationMatrix, materialise, namedVariables, plannedCount } from "../../nn/index.js";
import { fillByName, near, numbers, readGolden } from "../../nn/golden.fixture.js";
import { deconvHead, planDeconvHead } from "./deconv.js";
import { bceDiceLoss, contrastLoss, structureLoss, textLoss } from "./loss.js";
import { maskHead, paperHead, planMaskHead, type MaskHeadConfig, type MaskHeadWeights } from "./mask-head.js";
import { otherRows, union } from "./pictures.js";
import type { Tensor2D, Tensor3D, Tensor4D } from "./tensorflow.js";

/** From PyTorch: tests/golden/prs_med.py. */
const golden = readGolden<{
  readonly torch: string; readonly head: number[]; readonly head_masked: number[]; readonly head_shares: number[]; readonly head_gradients: Readonly<Record<string, number[]>>;
  readonly paper_head: number; readonly structure: { readonly faithful: number; readonly intended: number };
}>("prs_med");

const tiny: MaskHeadConfig = { prompt: 10, hidden: 12, image: 16, heads: 4, encoderHeads: 2, feedForward: 20, upsampling: 4, startBias: 1 };
let engine: Engine;
let tf: Engine["tf"];
let weights: MaskHeadWeights;
before(async () => {
  engine = await openEngine();
  tf = engine.tf;
  weights = materialise(tf, planMaskHead(tiny), seededRandom(1));
  await fillByName(tf, weights, (name, shape) => [shape.length > 1 ? 0.5 : 0.2, shape.length === 1 && name.endsWith("weight") ? 1 : 0]);
});
after(() => engine.close());

const map = (): Tensor4D => tf.tensor4d(numbers("map", 800), [2, 5, 5, 16]);
const prompt = (): Tensor3D => tf.tensor3d(numbers("prompt", 140), [2, 7, 10]);
const counts = (): Tensor2D => tf.tensor2d([[1, 1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1]]);

describe("parameter counts (spec §3.3)", () => {
  it("fusion and mask head: 5,366,465, as PyTorch counts the twin", () => {
    assert.equal(plannedCount(planMaskHead(paperHead)), 5_366_465);
    assert.equal(golden.paper_head, 5_366_465);
    const { prompt_projection, attn, encoder_layer, ffn, mask_generation } = planMaskHead(paperHead);
    assert.deepEqual([prompt_projection, attn, encoder_layer, ffn, mask_generation].map(plannedCount), [2_230_528, 263_168, 527_104, 132_608, 2_211_456]);
  });
  it("deconvolutions: 699,641 at six doublings", () => {
    const { up, out } = planDeconvHead(paperHead, 6);
    assert.equal(plannedCount({ up, out }), 699_641);
  });
});

describe(`the mask head agrees with PyTorch ${golden.torch}`, () => {
  it("with every place counting", async () => near(maskHead(tf, map(), prompt(), undefined, weights, tiny).logits, golden.head, "logits"));
  it("with padding left out, its attention and gradients", async () => {
    const { logits, attention } = maskHead(tf, map(), prompt(), counts(), weights, tiny);
    await near(logits, golden.head_masked, "logits");
    await near(attention, golden.head_shares, "attention");
    const weigh = tf.tensor4d(numbers("out", 800), [2, 20, 20, 1]);
    const named = Object.keys(golden.head_gradients).map((name) => namedVariables(weights).find((each) => each.name === name)!.variable);
    const { grads } = tf.variableGrads(() => maskHead(tf, map(), prompt(), counts(), weights, tiny).logits.mul(weigh).mean().asScalar(), named);
    for (const [i, [name, expected]] of Object.entries(golden.head_gradients).entries()) await near(grads[named[i].name], expected, name, 1e-4);
  });
  it("a row's mask does not depend on its neighbours once padding is left out", async () => {
    const alone = await maskHead(tf, map().slice(0, 1), prompt().slice(0, 1).slice([0, 0, 0], [1, 4, 10]), undefined, weights, tiny).logits.data();
    const beside = await maskHead(tf, map(), prompt(), counts(), weights, tiny).logits.data();
    alone.forEach((x, i) => assert.ok(Math.abs(x - beside[i]) < 1e-4));
  });
});

describe("the deconvolution head", () => {
  it("doubles the map and trains in every part", async () => {
    const head = materialise(tf, planDeconvHead(tiny, 2), seededRandom(3));
    const logits = () => deconvHead(tf, map(), prompt(), counts(), head, tiny, "train").logits;
    assert.deepEqual(logits().shape, [2, 20, 20, 1]);
    const { grads } = tf.variableGrads(() => logits().square().mean().asScalar());
    for (const name of ["up.0.conv.weight", "prompt_proj.linear.weight", "smooth.conv.weight"]) {
      const variable = namedVariables(head).find((each) => each.name === name)!.variable;
      assert.ok((await grads[variable.name].abs().max().data())[0] > 0, name);
    }
  });
});

describe("losses", () => {
  const close = tensorWithin(1e-5);
  it("structure loss, worked by hand (spec §10, vector 3)", async () => {
    const [logits, target] = [tf.tensor4d([1, -1, 2, -3], [1, 2, 2, 1]), tf.tensor4d([1, 0, 0, 0], [1, 2, 2, 1])];
    await close(structureLoss(tf, logits, target, 31, "faithful"), 1.043956);
    await close(structureLoss(tf, logits, target, 31, "intended"), 0.829515);
    await close(bceDiceLoss(tf, logits, target), 1.073733);
  });
  it("structure loss of soft masks, as PyTorch", async () => {
    const [logits, target] = [tf.tensor4d(numbers("logits", 162), [2, 9, 9, 1]).mul<Tensor4D>(2), tf.tensor4d(numbers("target", 162), [2, 9, 9, 1]).mul<Tensor4D>(3).sigmoid<Tensor4D>()];
    await close(structureLoss(tf, logits, target, 5, "faithful"), golden.structure.faithful);
    await close(structureLoss(tf, logits, target, 5, "intended"), golden.structure.intended);
  });
  it("contrast: how far the other lesion is ahead of the one that is meant; rows with one lesion do not count", async () => {
    // Two pictures of three pixels: meant, other, ground. The second is asked about once.
    const [meant, other] = [tf.tensor4d([1, 0, 0, 1, 0, 0], [2, 1, 3, 1]), tf.tensor4d([0, 1, 0, 0, 0, 0], [2, 1, 3, 1])];
    const of = (...logits: number[]) => contrastLoss(tf.tensor4d([...logits, 9, -9, 5], [2, 1, 3, 1]), meant, other);
    await close(of(2, 2, 7), Math.log(2));
    await close(of(1, 3, 7), Math.log(1 + Math.exp(2)));
    await close(of(400, -400, 7), 0);
    await close(contrastLoss(tf.ones([1, 1, 3, 1]), tf.ones([1, 1, 3, 1]), tf.zeros([1, 1, 3, 1])), 0);
    assert.deepEqual(otherRows([{ group: "a" }, { group: "b" }, { group: "a" }, { group: "a" }]), [[2, 3], [], [0, 3], [0, 2]]);
    assert.deepEqual([...union([Float32Array.of(1, 0, 0), Float32Array.of(0, 0.5, 0)], 3)], [1, 0.5, 0]);
    assert.deepEqual([...union([], 2)], [0, 0]);
  });
  it("text loss counts targets by their weight and never the first place", async () => {
    const logits = tf.tensor3d([0, 0, Math.log(3), 0, 9, 9], [1, 3, 2]);
    const ids = tf.tensor2d([[1, 0, 1]], [1, 3], "int32");
    await close(textLoss(tf, logits, ids, tf.tensor2d([[7, 1, 0]])), Math.log(2));
    await close(textLoss(tf, logits, ids, tf.tensor2d([[7, 1, 3]])), (Math.log(2) + 3 * Math.log(4)) / 4);
  });
  it("bilinear ×4 with aligned corners of (0, 1) is k/7 (spec §10, vector 10)", () => {
    const matrix = interpolationMatrix(2, 8, "bilinear-corners");
    for (let k = 0; k < 8; k++) assert.ok(Math.abs(matrix[2 * k + 1] - k / 7) < 1e-6);
  });
});
