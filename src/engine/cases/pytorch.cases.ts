import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { packageRoot } from "../../core/index.js";
import type { Engine } from "../engine.js";
import { resnet } from "./pytorch/resnet.js";
import { transformer } from "./pytorch/transformer.js";
import { unet } from "./pytorch/unet.js";
import { vit } from "./pytorch/vit.js";

interface Golden {
  readonly losses: readonly number[];
  /** The first 64 numbers of some weights. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

const golden = join(packageRoot, "tests", "golden", "training_nets.json");

/** Twenty Adam steps as PyTorch makes them; the numbers come from tests/golden/training_nets.py, which has the same networks. */
export function pytorchCases(engine: () => Engine): void {
  for (const [name, make] of Object.entries({ unet, resnet, vit, transformer })) {
    it(`has PyTorch's losses and weights over 20 steps of a ${name}, within 1e-4`, async () => {
      const { losses, weights } = (JSON.parse(readFileSync(golden, "utf8")) as Record<string, Golden>)[name];
      const { tf, step } = engine();
      const { variables, shown, loss } = make(tf);
      const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-7);
      const once = step(() => optimizer.minimize(loss, true, [...variables])!);
      for (const [i, expected] of losses.entries()) {
        const value = once();
        const [ours] = await value.data();
        assert.ok(Math.abs(ours - expected) < 1e-4, `step ${i}: loss ${ours}, PyTorch ${expected}`);
        value.dispose();
      }
      for (const [weight, expected] of Object.entries(weights)) {
        const ours = await shown[weight].data();
        for (const [i, value] of expected.entries())
          assert.ok(Math.abs(ours[i] - value) < 1e-4, `${weight}, number ${i}: ${ours[i]}, PyTorch ${value}`);
      }
      tf.dispose([...variables]);
    });
  }
}
