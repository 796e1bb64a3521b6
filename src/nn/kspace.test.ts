import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { tensorWithin } from "../core/near.fixture.js";
import { openEngine, type Engine } from "../engine/index.js";
import * as signal from "../signal/index.js";
import { numbers } from "./golden.fixture.js";
import { centeredFft2, centeredIfft2, keepColumns, keepColumnsAndMirrors, magnitude, type ComplexTensor } from "./kspace.js";
import type { Tensor, Tensor3D } from "./tensorflow.js";

let engine: Engine;
let tf: Engine["tf"];
before(async () => {
  engine = await openEngine();
  ({ tf } = engine);
});
after(() => engine.close());

const close = tensorWithin(2e-6);

const plane = (height: number, width: number) => signal.complexPlane(height, width, numbers("re", height * width), numbers("im", height * width));
const tensors = ({ height, width, real, imag }: signal.ComplexPlane): ComplexTensor => ({ real: tf.tensor3d([...real], [1, height, width]), imag: tf.tensor3d([...imag], [1, height, width]) });

describe("k-space as TensorFlow.js operations", () => {
  for (const [height, width] of [[4, 4], [6, 5], [48, 48], [7, 12]]) {
    it(`agrees with the plain arrays at ${height}×${width} and comes back`, async () => {
      const k = centeredFft2(tf, tensors(plane(height, width)));
      const expected = signal.centeredFft2(plane(height, width));
      await close(k.real, expected.real);
      await close(k.imag, expected.imag);
      const back = centeredIfft2(tf, k);
      await close(back.real, plane(height, width).real);
      await close(back.imag, plane(height, width).imag);
    });
  }

  it("reconstructs as the plain arrays do, whatever the mask, a batch at a time", async () => {
    const real = signal.complexPlane(8, 8, numbers("re", 64));
    const k = centeredFft2(tf, { real: tf.tile(tf.tensor3d([...real.real], [1, 8, 8]), [3, 1, 1]) as Tensor3D });
    const masks = [[0, 0, 0, 1, 1, 1, 0, 0], [1, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0]];
    const expected = masks.flatMap((mask) => [...signal.zeroFilled(signal.centeredFft2(real), mask)]);
    await close(magnitude(tf, centeredIfft2(tf, keepColumns(tf, k, tf.tensor2d(masks)))), expected);
    const filled = keepColumnsAndMirrors(tf, k, tf.tensor2d(masks));
    const whole = masks.map((mask) => signal.keepColumnsAndMirrors(signal.centeredFft2(real), mask));
    await close(filled.real, whole.flatMap((each) => [...each.real]));
    await close(filled.imag, whole.flatMap((each) => [...each.imag]));
  });

  it("mirrors odd widths too", async () => {
    const real = signal.complexPlane(5, 7, numbers("re", 35));
    const mask = [1, 0, 0, 0, 0, 1, 0];
    const filled = keepColumnsAndMirrors(tf, centeredFft2(tf, { real: tf.tensor3d([...real.real], [1, 5, 7]) }), tf.tensor2d([mask]));
    const expected = signal.keepColumnsAndMirrors(signal.centeredFft2(real), mask);
    await close(filled.real, expected.real);
    await close(filled.imag, expected.imag);
  });

  it("has the gradient of the reconstruction by the mask (finite differences), 0 where nothing was acquired", async () => {
    const k = centeredFft2(tf, { real: tf.tensor3d([...numbers("re", 36)], [1, 6, 6]).add(3) }); // |z| stays off its kink at 0
    const weigh = tf.tensor3d([...numbers("weigh", 36)], [1, 6, 6]);
    const loss = (mask: Tensor) => magnitude(tf, centeredIfft2(tf, keepColumns(tf, k, mask.reshape([1, 6])))).mul(weigh).sum().asScalar();
    const at = [0.2, 0.9, 0.5, 1, 0.4, 0.7];
    const gradient = await tf.grad(loss)(tf.tensor1d(at)).data();
    for (const [i, value] of gradient.entries()) {
      const [up, down] = [0.01, -0.01].map((step) => tf.tensor1d(at.map((x, j) => (j === i ? x + step : x))));
      const slope = ((await loss(up).data())[0] - (await loss(down).data())[0]) / 0.02;
      assert.ok(Math.abs(slope - value) < 2e-3, `${i}: ${value}, by differences ${slope}`);
    }
    assert.deepEqual([...(await tf.grad(loss)(tf.zeros([6])).data())], [0, 0, 0, 0, 0, 0]);
  });
});
