import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { packageRoot, seededRandom } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { near, numbers } from "../golden.fixture.js";
import { assignArrays, disposeWeights, namedVariables, readArrays, trainableVariables } from "../named.js";
import { materialise, namedParameters, plannedCount } from "../plan.js";
import type { Rank, Tensor, Tensor4D } from "../tensorflow.js";
import { planUNet, standardUNet, unet, type Mode, type UNetWeights } from "./unet.js";
import { planUNetPlusPlus, standardUNetPlusPlus, unetPlusPlus, type UNetPlusPlusWeights } from "./unet-plus-plus.js";
import { planUNeXt, smallUNeXt, standardUNeXt, unext, type UNeXtWeights } from "./unext.js";

interface Golden {
  readonly train: number[][];
  readonly eval: number[][];
  readonly loss: number;
  readonly gradients: Readonly<Record<string, number[]>>;
  readonly running: Readonly<Record<string, number[]>>;
  readonly parameters: number;
  readonly names: string[];
}

/** From PyTorch: tests/golden/unet.py. */
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "unet.json"), "utf8")) as Readonly<Record<string, Golden>> & { readonly torch: string };

describe("parameter counts (ASMR-seg spec §10, vector 18), without making the parameters", () => {
  it("U-Net: 31,036,676; bilinear 17,262,020; 3 → 2 channels 31,037,698; three levels 121,060", () => {
    assert.equal(plannedCount(planUNet(standardUNet)), 31_036_676);
    assert.equal(plannedCount(planUNet({ ...standardUNet, upsampling: "bilinear" })), 17_262_020);
    assert.equal(plannedCount(planUNet({ ...standardUNet, inputs: 3, classes: 2 })), 31_037_698);
    assert.equal(plannedCount(planUNet({ ...standardUNet, widths: [8, 16, 32, 64] })), 121_060);
  });
  it("U-Net++: 22,836,390 with either norm; base 32 24,000,352 (capped at 480), base 8 1,627,752, base 4 408,244", () => {
    const count = (shape: Partial<typeof standardUNetPlusPlus>): number => plannedCount(planUNetPlusPlus({ ...standardUNetPlusPlus, ...shape }));
    assert.deepEqual([count({}), count({ norm: "batch" }), count({ inputs: 3 }), count({ base: 32 })], [22_836_390, 22_836_390, 22_836_930, 24_000_352]);
    assert.deepEqual([count({ base: 8, cap: 128 }), count({ base: 4, cap: 64 })], [1_627_752, 408_244]);
  });
  it("UNeXt: 1,471,972; one class 1,471,921, the published 1.47 M; one input channel 1,471,684; small 253,588", () => {
    const count = (shape: Partial<typeof standardUNeXt>): number => plannedCount(planUNeXt({ ...standardUNeXt, ...shape }));
    assert.deepEqual([count({}), count({ classes: 1 }), count({ inputs: 1 })], [1_471_972, 1_471_921, 1_471_684]);
    assert.deepEqual([plannedCount(planUNeXt(smallUNeXt)), plannedCount(planUNeXt({ ...smallUNeXt, classes: 1 })), plannedCount(planUNeXt({ ...smallUNeXt, inputs: 1 }))], [253_588, 253_561, 253_444]);
  });
});

let engine: Engine;
let tf: Engine["tf"];
before(async () => {
  engine = await openEngine();
  ({ tf } = engine);
});
after(() => engine.close());

interface Twin {
  readonly name: string;
  readonly plan: object;
  readonly side: number;
  readonly inputs: number;
  readonly run: (x: Tensor4D, weights: object, mode: Mode) => Tensor4D[];
}

const twins: readonly Twin[] = [
  ...(["transposed", "bilinear"] as const).map((upsampling): Twin => {
    const shape = { inputs: 1, classes: 4, widths: [4, 8, 16], upsampling };
    return { name: upsampling === "transposed" ? "unet" : "unetBilinear", plan: planUNet(shape), side: 18, inputs: 1, run: (x, w, mode) => [unet(tf, x, w as UNetWeights, shape, mode)] };
  }),
  ...(["instance", "batch"] as const).map((norm): Twin => ({
    name: norm === "instance" ? "unetpp" : "unetppBatch", plan: planUNetPlusPlus({ inputs: 1, classes: 4, base: 2, cap: 8, norm }), side: 64, inputs: 1,
    run: (x, w, mode) => unetPlusPlus(tf, x, w as UNetPlusPlusWeights, mode),
  })),
  { name: "unext", plan: planUNeXt({ inputs: 3, classes: 4, convolutions: [2, 3, 4], tokens: [7, 11] }), side: 64, inputs: 3, run: (x, w, mode) => [unext(tf, x, w as UNeXtWeights, mode)] },
];

for (const { name, plan, side, inputs, run } of twins) {
  describe(`${name} agrees with PyTorch ${golden.torch}`, () => {
    const expected = golden[name];
    let weights: object;
    before(async () => {
      weights = materialise(tf, plan, seededRandom(1));
      const arrays = await readArrays(namedVariables(weights));
      const filled = new Map([...arrays].map(([path, { shape, data }]) => {
        if (path.includes("running")) return [path, { shape, data }] as const;
        const count = data.length;
        const scale = shape.length > 1 ? 1.7 / Math.sqrt(Math.max(1, count / shape[0])) : 0.2;
        const shift = shape.length === 1 && path.endsWith("weight") ? 1 : 0;
        return [path, { shape, data: numbers(path, count).map((x) => x * scale + shift) }] as const;
      }));
      assignArrays(tf, namedVariables(weights), filled, "golden");
    });
    after(() => disposeWeights(weights));
    /** NHWC of what PyTorch has as NCHW. */
    const input = (): Tensor4D => tf.tidy(() => tf.tensor4d(numbers("x", 2 * inputs * side * side), [2, inputs, side, side]).transpose([0, 2, 3, 1]));

    it("in names and number of parameters", () => {
      assert.deepEqual(namedParameters(plan).map((each) => each.name).sort(), expected.names);
      assert.equal(plannedCount(plan), expected.parameters);
    });

    it("in gradients, running statistics, and logits of training and of evaluation", async () => {
      const before = tf.memory().numTensors;
      const x = input();
      const shown = trainableVariables(weights).filter((each) => each.name in expected.gradients);
      const logits: Tensor[] = [];
      const { value, grads } = tf.variableGrads(() => {
        const heads = run(x, weights, "train");
        logits.push(...heads.map((head) => tf.keep(head)));
        return tf.addN(heads.map((head, k) => {
          const weigh = tf.tensor4d(numbers(`weigh${k}`, head.size), [head.shape[0], head.shape[3], head.shape[1], head.shape[2]]).transpose([0, 2, 3, 1]);
          return head.mul(weigh).mean();
        })).asScalar();
      }, shown.map(({ variable }) => variable));
      await near(value, [expected.loss], "loss");
      for (const [k, head] of logits.entries()) await near(head, expected.train[k], `head ${k}`);
      for (const { name: path, variable } of shown) {
        const gradient = variable.rank === 4 ? grads[variable.name].transpose([3, 2, 0, 1]) : grads[variable.name].clone();
        await near(gradient, expected.gradients[path], path, 2e-4); // single precision through many norms
        gradient.dispose();
      }
      for (const [path, running] of Object.entries(expected.running)) await near(namedVariables(weights).find((each) => each.name === path)!.variable as Tensor<Rank>, running, path);
      for (const [k, head] of tf.tidy(() => run(x, weights, "eval")).entries()) {
        await near(head, expected.eval[k], `head ${k} in evaluation`);
        head.dispose();
      }
      tf.dispose([x, value, grads, logits]);
      assert.equal(tf.memory().numTensors, before);
    });
  });
}
