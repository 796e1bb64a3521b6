import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot } from "../core/index.js";
import { within } from "../core/near.fixture.js";
import { logMel, melFilterbank, powerToDb, resizeBilinear, type LogMelOptions } from "./index.js";

interface Golden {
  logMel: {
    options: LogMelOptions;
    length: number;
    seed: number;
    shape: [number, number];
    mean: number;
    min: number;
    cells: [number, number][];
  }[];
  resize: { channels: number; from: [number, number]; to: [number, number]; seed: number; sha256: string }[];
}

/** From librosa 0.11.0 and Pillow 12.3.0: tests/golden/log_mel.py. */
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "log_mel.json"), "utf8")) as Golden;

function lcg(count: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => (state = (Math.imul(1664525, state) + 1013904223) >>> 0) / 2 ** 32);
}

function clip(length: number, rate: number, seed: number): Float64Array {
  return lcg(length, seed).map((noise, i) => {
    const t = i / rate;
    const swell = 0.6 + 0.4 * Math.sin(2 * Math.PI * 4 * t);
    return (
      0.3 * Math.sin(2 * Math.PI * 440 * t) + 0.2 * Math.sin(2 * Math.PI * 0.3 * rate * t) * swell + 0.1 * (noise - 0.5)
    );
  });
}

describe("logMel agrees with librosa within 1e-4 dB", () => {
  for (const { options, length, seed, shape, mean, min, cells } of golden.logMel) {
    it(`${length} samples, ${JSON.stringify(options)}`, () => {
      const result = logMel(clip(length, options.sampleRate, seed), options);
      assert.deepEqual(result.shape, shape);
      for (const [cell, db] of cells)
        assert.ok(Math.abs(result.data[cell] - db) < 1e-4, `cell ${cell}: ${result.data[cell]}, librosa ${db}`);
      assert.ok(Math.abs(result.data.reduce((sum, x) => sum + x, 0) / result.data.length - mean) < 1e-4);
      assert.ok(Math.abs(result.data.reduce((a, b) => Math.min(a, b)) - min) < 1e-4);
    });
  }

  it("takes librosa's defaults for what is not given", () => {
    const samples = clip(22050, 22050, 3);
    const spelledOut = { nFft: 2048, hopLength: 512, nMels: 128, fMin: 0, fMax: 11025, ref: 1, topDb: 80 };
    assert.deepEqual(logMel(samples, { sampleRate: 22050 }), logMel(samples, { sampleRate: 22050, ...spelledOut }));
  });

  it("refuses what it cannot compute, saying which value", () => {
    assert.throws(() => logMel([], { sampleRate: 16000 }), /at least one sample/);
    assert.throws(() => logMel([0, Number.NaN], { sampleRate: 16000 }), /finite number, but got NaN. It is sample 1/);
    assert.throws(
      () => logMel([0, 1], { sampleRate: 16000, fMax: 9000 }),
      /fMax must not exceed half the sample rate \(8000 Hz\), but got 9000/,
    );
    assert.throws(() => logMel([0, 1], { sampleRate: 16000, nFft: 8, padding: "none" }), /fill one frame of 8, but got 2/);
    assert.throws(
      () => logMel([0, 1], { sampleRate: 16000, hopLength: 0 }),
      /hopLength must be a whole number from 1, but got 0/,
    );
  });
});

describe("melFilterbank", () => {
  const bank = melFilterbank({ sampleRate: 16000, nFft: 1024, nMels: 128, fMin: 20, fMax: 8000 });
  const row = (mel: number): number[] => [...bank.data.subarray(mel * 513, (mel + 1) * 513)];
  const near = within(1e-6);

  it("has the weights of librosa.filters.mel 0.11 (ASTRA spec §10.1)", () => {
    assert.deepEqual(bank.shape, [128, 513]);
    assert.equal(bank.data.filter((weight) => weight !== 0).length, 1007);
    near(
      bank.data.reduce((a, b) => a + b, 0),
      8.1922919,
    );
    const edges = {
      0: 20,
      1: 43.2277212,
      2: 66.4554423,
      3: 89.6831635,
      42: 995.5642893,
      64: 1686.0998881,
      100: 3993.9053879,
      128: 7810.6433447,
      129: 8000,
    };
    for (const [i, hz] of Object.entries(edges)) near(bank.edgesHz[Number(i)], hz);
    for (const [mel, bin, weights] of [
      [0, 2, [0.0208515972, 0.0362918675, 0.0073313145]],
      [42, 64, [0.0075853057, 0.034304902, 0.0216499064]],
      [63, 106, [0.006240095, 0.0159326773, 0.0239087678, 0.0144456048]],
    ] as const) {
      assert.equal(bank.start[mel], bin);
      weights.forEach((weight, i) => near(row(mel)[bin + i], weight, 1e-9));
    }
    assert.deepEqual([bank.start[127], bank.end[127]], [489, 512]);
    near(
      row(127).reduce((a, b) => a + b, 0),
      0.0639638303,
    );
  });

  it("without normalisation shares every bin between two neighbours: the weights of a bin add up to 1", () => {
    const { data, edgesHz } = melFilterbank({ sampleRate: 16000, nFft: 2048, nMels: 40, fMin: 0, fMax: 8000, norm: "none" });
    for (let bin = 0; bin < 1025; bin++) {
      const hz = (bin * 16000) / 2048;
      if (hz < edgesHz[1] || hz > edgesHz[40]) continue;
      let sum = 0;
      for (let mel = 0; mel < 40; mel++) sum += data[mel * 1025 + bin];
      near(sum, 1);
    }
  });
});

describe("powerToDb", () => {
  it("is 0 everywhere for silence, whatever the reference", () => {
    assert.deepEqual([...powerToDb(new Float32Array(3), { ref: "max" })], [0, 0, 0]);
    assert.deepEqual([...powerToDb(new Float32Array(2))], [-100, -100]);
  });
});

describe("resizeBilinear agrees with Pillow bit for bit", () => {
  for (const { channels, from, to, seed, sha256 } of golden.resize) {
    it(`${channels} channels, ${from.join(" × ")} → ${to.join(" × ")}`, () => {
      const [width, height] = from;
      const data = Uint8Array.from(lcg(width * height * channels, seed), (u) => u * 256);
      const resized = resizeBilinear({ width, height, channels, data }, ...to);
      assert.equal(createHash("sha256").update(resized.data).digest("hex"), sha256);
    });
  }

  it("on the rows one can work out on paper", () => {
    const row = (width: number, ...pixels: number[]): number[] => [
      ...resizeBilinear({ width: pixels.length, height: 1, channels: 1, data: Uint8Array.from(pixels) }, width, 1).data,
    ];
    assert.deepEqual(row(8, 0, 100, 200, 50), [0, 25, 75, 125, 175, 163, 88, 50]);
    assert.deepEqual(row(4, 0, 100, 200, 50, 10, 250), [38, 150, 53, 160]);
  });

  it("never hands back the caller's own bytes, and refuses data of another length", () => {
    const data = Uint8Array.of(1, 2, 3, 4);
    const same = resizeBilinear({ width: 2, height: 2, channels: 1, data }, 2, 2);
    assert.notEqual(same.data, data);
    assert.deepEqual(same.data, data);
    assert.throws(
      () => resizeBilinear({ width: 3, height: 2, channels: 1, data }, 2, 2),
      /expected shape \[2, 3, 1\] but got \[4\]/,
    );
  });
});
