import { it } from "node:test";
import { centeredFft2, namedVariables, planUNet, planUNetPlusPlus, planUNeXt, unet, unetPlusPlus, unext } from "../../nn/index.js";
import { numbers } from "../../nn/golden.fixture.js";
import { assertEqual, fill, fillFolded, loaded, onEveryEngine, twin, twinFile } from "../../nn/published.fixture.js";
import { presets, type AsmrConfig } from "./config.js";
import { actAndValue, initActorCritic } from "./policy.js";
import { inSequence, networkTarget, policyTarget } from "./published.js";
import type { Tensor3D, Tensor4D, TensorFlow } from "./tensorflow.js";

/** Doublings of a map are one matrix product here, its numbers in another order; the layer after it shows them. */
const doubled = /^up\d\.up\./;

onEveryEngine("files of ASMR and of its reward models compute in Folio what they compute in PyTorch", (use) => {
  const images = (tf: TensorFlow, side: number, channels = 1): Tensor4D => tf.tensor4d(numbers("images", side * side * channels), [1, side, side, channels]);

  for (const [name, shape] of Object.entries({
    unet: { inputs: 1, classes: 4, widths: [3, 6, 12], upsampling: "transposed" },
    "unet-bilinear": { inputs: 1, classes: 4, widths: [4, 8, 16], upsampling: "bilinear" },
  } as const)) {
    it(`PyTorch-UNet as ${name}.pth`, async () => {
      const { tf } = use();
      const plan = planUNet(shape);
      const weights = await loaded(tf, plan, twinFile(`${name}.pth`), networkTarget(name, plan));
      await assertEqual(tf, { expected: twin(name), variables: namedVariables(weights), run: () => ({ logits: unet(tf, images(tf, 18), weights as never, shape, "eval") }), elsewhere: doubled });
    });
  }

  for (const [name, norm] of [["unetpp", "instance"], ["unetpp-batch", "batch"]] as const) {
    it(`U-Net++ with ${norm} norm`, async () => {
      const { tf } = use();
      const plan = planUNetPlusPlus({ inputs: 1, classes: 4, base: 2, cap: 4, norm });
      const weights = await loaded(tf, plan, twinFile(`${name}.pth`), networkTarget(name, plan));
      // In evaluation only the head of the finest map is computed.
      await assertEqual(tf, { expected: twin(name), variables: namedVariables(weights), run: () => ({ logits: unetPlusPlus(tf, images(tf, 64), weights as never, "eval")[0] }), elsewhere: /^seg_outputs\.[1-4]|^up\d\.\d/ });
    });
  }

  it("UNeXt, and batch norms folded", async () => {
    const { tf } = use();
    const plan = planUNeXt({ inputs: 3, classes: 4, convolutions: [2, 3, 4], tokens: [5, 6] });
    const weights = await loaded(tf, plan, twinFile("unext.pth"), networkTarget("unext", plan));
    const run = () => ({ logits: unext(tf, images(tf, 64, 3), weights as never, "eval") });
    await assertEqual(tf, { expected: twin("unext"), variables: namedVariables(weights), run });
    await fillFolded(tf, namedVariables(weights), twinFile("unext.pth"), networkTarget("unext", plan));
    await assertEqual(tf, { expected: twin("unext"), variables: [], run, layers: "left-out" });
  });

  it("actor and critic, their ResNets in sequence", async () => {
    const { tf } = use();
    const side = 32;
    const config: AsmrConfig = { ...presets.paper, data: { ...presets.paper.data, size: side, sampledIndices: [0, side - 1] } };
    const shape = { blocks: [2, 2, 2, 2], widths: [3, 4, 5, 6] } as const;
    const policy = initActorCritic(tf, config, 1, shape);
    await fill(tf, namedVariables(policy.weights), twinFile("best_model.pt"), policyTarget(config, shape));
    const picture = tf.tensor3d(numbers("picture", 2 * side * side).map((x) => x + 1), [2, side, side]);
    const mask = tf.tensor2d([0, 1].flatMap(() => [...numbers("mask", side)].map((x) => (x > 0 ? 1 : 0))), [2, side]);
    const run = () => {
      const kspace = centeredFft2(tf, { real: picture, imag: tf.zerosLike(picture) as Tensor3D });
      return { ...actAndValue(tf, { kspace, mask, remaining: tf.tensor1d([5, 5]) }, policy, "evaluate") };
    };
    const variables = namedVariables(policy.weights).map(({ name, variable }) => ({ name: name.replace(/backbone\.(.+)$/, (_, rest: string) => `backbone.${inSequence(rest)}`), variable }));
    await assertEqual(tf, { expected: twin("policy"), variables, run });
  });
});
