import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../../core/index.js";
import { openEngine, type Engine } from "../../engine/index.js";
import { disposeWeights, parameterCount } from "../../nn/index.js";
import { logMel } from "../../signal/index.js";
import { baselineScore, clipWindows, fitBaseline, initAutoencoder, trainAutoencoder } from "./autoencoder.js";
import { astraConfig } from "./config.js";

const { image, autoencoder } = astraConfig("small");
const tone = (hz: number, seed: number): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from(
    { length: 8000 },
    (_, t) => 0.4 * Math.sin((2 * Math.PI * hz * t) / 16000) + 0.02 * random.normal(),
  );
};

let engine: Engine;
before(async () => {
  engine = await openEngine();
});
after(() => engine.close());

describe("the challenge's autoencoder", () => {
  it("has the published number of parameters", () => {
    const weights = initAutoencoder(engine.tf, seededRandom(1));
    assert.equal(parameterCount(weights), 267_928);
    disposeWeights(weights);
  });

  it("sees five frames after another, in decibels without a floor or a reference", () => {
    const samples = tone(440, 1);
    const { data, shape } = logMel(samples, {
      sampleRate: 16000,
      nFft: 1024,
      hopLength: 512,
      fMin: 0,
      fMax: 8000,
      amin: Number.EPSILON,
      topDb: null,
    });
    const windows = clipWindows(samples, image);
    assert.equal(windows.length, (shape[1] - 4) * 640);
    const at = (window: number, frame: number, band: number): number => windows[window * 640 + frame * 128 + band];
    assert.equal(at(0, 0, 17), data[17 * shape[1]]);
    assert.equal(at(2, 3, 90), data[90 * shape[1] + 5]);
    assert.equal(clipWindows(samples.subarray(0, 1000), image).length, 0);
  });

  it("learns to reconstruct, and finds another pitch by both scores", async () => {
    const { tf } = engine;
    const clips = Array.from({ length: 12 }, (_, i) => ({ domain: "source", windows: clipWindows(tone(440, i), image) }));
    const { weights, history } = await trainAutoencoder(
      engine,
      clips,
      { ...autoencoder, epochs: 16, batch: 16, learningRate: 0.01 },
      { seed: 1 },
    );
    assert.ok(history.at(-1)! < 0.7 * history[0], `loss ${history[0]} → ${history.at(-1)}`);
    const baseline = await fitBaseline(tf, weights, clips, 256);
    const [normal, other] = [
      await baselineScore(tf, baseline, clipWindows(tone(440, 99), image)),
      await baselineScore(tf, baseline, clipWindows(tone(1500, 99), image)),
    ];
    assert.ok(other.mse > 1.2 * normal.mse, `${other.mse} after ${normal.mse}`);
    assert.ok(other.mahalanobis > 10 * normal.mahalanobis, `${other.mahalanobis} after ${normal.mahalanobis}`);
    disposeWeights(weights);
  });
});
