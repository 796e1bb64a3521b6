import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resample } from "./index.js";

const tone = (hz: number, rate: number, seconds = 0.5): Float32Array =>
  Float32Array.from({ length: rate * seconds }, (_, n) => Math.sin((2 * Math.PI * hz * n) / rate));

/** The largest absolute value away from the ends, where the signal is cut off. */
const interior = (samples: Float32Array): number => {
  const margin = samples.length >> 2;
  return samples.subarray(margin, -margin).reduce((max, x) => Math.max(max, Math.abs(x)), 0);
};

describe("resample", () => {
  const rates = [
    [44100, 16000],
    [48000, 16000],
    [8000, 16000],
    [16000, 22050],
    [22050, 16000],
  ];
  for (const [from, to] of rates) {
    it(`${from} → ${to} Hz keeps a tone in the band, in place and in height`, () => {
      const hz = 0.4 * Math.min(from, to);
      const resampled = resample(tone(hz, from), from, to);
      const expected = tone(hz, to);
      assert.equal(resampled.length, Math.ceil((tone(hz, from).length * to) / from));
      const difference = expected.map((x, n) => x - resampled[n]);
      assert.ok(interior(difference) < 1e-5, `differs by ${interior(difference)}`);
    });
  }

  it("cuts what the lower rate cannot hold by more than 100 dB, instead of folding it back", () => {
    assert.ok(interior(resample(tone(8300, 44100), 44100, 16000)) < 1e-5);
  });

  it("leaves a constant a constant, gives the same samples for the same rate, and no samples for none", () => {
    assert.ok(interior(resample(new Float32Array(4000).fill(0.5), 44100, 16000).map((x) => x - 0.5)) < 1e-7);
    const samples = tone(440, 16000);
    assert.deepEqual(resample(samples, 16000, 16000), samples);
    assert.equal(resample(new Float32Array(0), 44100, 16000).length, 0);
    assert.throws(() => resample(samples, 16000, 0), /whole number of Hz from 1, but got 0/);
  });
});
