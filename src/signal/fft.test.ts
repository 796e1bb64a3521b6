import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { within } from "../core/near.fixture.js";
import { fftPlan, hannWindow, irfft, rfft, stft } from "./index.js";

const finite = fc.double({ min: -1, max: 1, noNaN: true });
const signal = fc.array(finite, { minLength: 1, maxLength: 90 });

function slowTransform(x: readonly number[]): { real: number[]; imag: number[] } {
  const angle = (k: number, n: number): number => (-2 * Math.PI * ((k * n) % x.length)) / x.length;
  const bins = x.map((_, k) => k);
  const dot = (wave: (angle: number) => number) =>
    bins.map((k) => x.reduce((sum, value, n) => sum + value * wave(angle(k, n)), 0));
  return { real: dot(Math.cos), imag: dot(Math.sin) };
}

const close = within(1e-10);

describe("fftPlan", () => {
  it("agrees with the sum that defines it, for every size", () => {
    fc.assert(
      fc.property(signal, (x) => {
        const real = Float64Array.from(x);
        const imag = new Float64Array(x.length);
        fftPlan(x.length).forward(real, imag);
        const expected = slowTransform(x);
        close(real, expected.real);
        close(imag, expected.imag);
      }),
    );
  });

  it("comes back", () => {
    fc.assert(
      fc.property(signal, signal, (a, b) => {
        const size = Math.min(a.length, b.length);
        const real = Float64Array.from(a.slice(0, size));
        const imag = Float64Array.from(b.slice(0, size));
        fftPlan(size).forward(real, imag);
        fftPlan(size).inverse(real, imag);
        close(real, a.slice(0, size));
        close(imag, b.slice(0, size));
      }),
    );
  });

  it("keeps its precision for large sizes, prime ones too", () => {
    for (const size of [65536, 65537]) {
      const real = new Float64Array(size);
      const imag = new Float64Array(size);
      for (let n = 0; n < size; n++) real[n] = Math.cos((2 * Math.PI * 5 * n) / size);
      fftPlan(size).forward(real, imag);
      assert.ok(Math.abs(real[5] - size / 2) < 1e-6 && Math.abs(real[6]) < 1e-6, `${size}: ${real[5]}, ${real[6]}`);
    }
  });

  it("refuses sizes it cannot have and arrays of another size", () => {
    assert.throws(() => fftPlan(0), /whole number from 1 to 2²⁶, but got 0/);
    assert.throws(
      () => fftPlan(4).forward(new Float64Array(4), new Float64Array(3)),
      /expected shape \[4, 4\] but got \[4, 3\]/,
    );
  });
});

describe("rfft", () => {
  it("is the first half of the full transform and comes back", () => {
    fc.assert(
      fc.property(signal, (x) => {
        const { real, imag } = rfft(x);
        const expected = slowTransform(x);
        close(real, expected.real.slice(0, (x.length >> 1) + 1));
        close(imag, expected.imag.slice(0, (x.length >> 1) + 1));
        close(irfft({ real, imag }, x.length), x);
      }),
    );
  });

  it("keeps the energy (Parseval)", () => {
    fc.assert(
      fc.property(signal, (x) => {
        const { real, imag } = rfft(x);
        let energy = 0;
        for (let k = 0; k < real.length; k++) {
          const twice = k === 0 || 2 * k === x.length ? 1 : 2;
          energy += twice * (real[k] ** 2 + imag[k] ** 2);
        }
        const expected = x.reduce((sum, value) => sum + value * value, 0);
        assert.ok(Math.abs(energy / x.length - expected) < 1e-10);
      }),
    );
  });
});

describe("stft", () => {
  const options = { nFft: 16, hopLength: 4 };

  it("is linear", () => {
    const pair = fc
      .integer({ min: 1, max: 60 })
      .chain((length) => fc.tuple(...[0, 1].map(() => fc.array(finite, { minLength: length, maxLength: length }))));
    fc.assert(
      fc.property(pair, finite, ([a, b], scale) => {
        const [of, ofA, ofB] = [a.map((x, i) => x + scale * b[i]), a, b].map((x) => stft(x, options));
        close(
          of.real,
          ofA.real.map((x, i) => x + scale * ofB.real[i]),
        );
        close(
          of.imag,
          ofA.imag.map((x, i) => x + scale * ofB.imag[i]),
        );
      }),
    );
  });

  it("frames as documented: centred by default, from sample 0 without padding", () => {
    const samples = Float64Array.from({ length: 40 }, (_, i) => i);
    assert.deepEqual(stft(samples, options).shape, [9, 11]);
    const { real, shape } = stft(samples, { ...options, padding: "none" });
    assert.deepEqual(shape, [9, 7]);
    const window = hannWindow(16);
    close([real[2]], [samples.subarray(8, 24).reduce((sum, x, n) => sum + x * window[n], 0)]);
  });

  it("mirrors clips shorter than the margin as often as it takes", () => {
    const { real } = stft([1, 2], { nFft: 8, hopLength: 8, padding: "reflect" });
    const mirrored = [1, 2, 1, 2, 1, 2, 1, 2];
    close([real[0]], [mirrored.reduce((sum, x, n) => sum + x * hannWindow(8)[n], 0)]);
  });
});
