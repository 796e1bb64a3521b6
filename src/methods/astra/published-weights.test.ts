import { it } from "node:test";
import { seededRandom } from "../../core/index.js";
import { disposeWeights, initResNet, namedVariables, resnet } from "../../nn/index.js";
import { numbers } from "../../nn/golden.fixture.js";
import { assertEqual, fill, fillFolded, onEveryEngine, twin, twinFile } from "../../nn/published.fixture.js";
import { astraBackbone } from "./backbone.js";

const shapes = { resnet18: [2, 2, 2, 2], resnet34: [3, 4, 6, 3] } as const;

onEveryEngine("torchvision's files compute in Folio what they compute in PyTorch", (use) => {
  for (const name of ["resnet18", "resnet34"] as const) {
    it(`${name}, layer by layer, and batch norms folded`, async () => {
      const { tf } = use();
      const shape = { blocks: shapes[name], widths: [3, 4, 5, 6] } as const;
      const weights = initResNet(tf, shape, seededRandom(1));
      await fill(tf, namedVariables(weights), twinFile(`${name}.pth`), astraBackbone(shape), "encoder.backbone.");
      const images = tf.tensor4d(numbers("images", 2 * 32 * 32 * 3), [2, 32, 32, 3]);
      await assertEqual(tf, { expected: twin(name), variables: namedVariables(weights), run: () => ({ features: resnet(tf, images, weights, "eval") }) });
      await fillFolded(tf, namedVariables(weights), twinFile(`${name}.pth`), astraBackbone(shape), "encoder.backbone.");
      await assertEqual(tf, { expected: twin(name), variables: [], run: () => ({ features: resnet(tf, images, weights, "eval") }), layers: "left-out" });
      images.dispose();
      disposeWeights(weights);
    });
  }
});
