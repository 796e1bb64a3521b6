import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import {
  applyColorMap,
  astraLogMel,
  colorMap,
  logMel,
  logMelImage,
  melSpectrogram,
  stretchToBytes,
  type RgbImage,
} from "./index.js";
import { within } from "../core/near.fixture.js";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
const channelSums = (rgb: Uint8Array): number[] => [0, 1, 2].map((c) => sum(rgb.filter((_, i) => i % 3 === c)));
const pixel = ({ data, width }: RgbImage, row: number, col: number): number[] => [
  ...data.subarray(3 * (row * width + col), 3 * (row * width + col) + 3),
];
const near = within(1e-4);

/** ASTRA spec §10.2: 440 Hz and 3 kHz as PCM16. */
const twoTones = Float32Array.from({ length: 16000 }, (_, n) => {
  const wave = 0.5 * Math.sin((2 * Math.PI * 440 * n) / 16000) + 0.25 * Math.sin((2 * Math.PI * 3000 * n) / 16000);
  return Math.floor(32767 * wave + 0.5) / 32768;
});

/** ASTRA spec §10.3: noise and a swelling tone. */
function noisyTone(): Float32Array {
  let state = 1;
  return Float32Array.from({ length: 16000 }, (_, i) => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    const tone = 9000 * Math.sin((2 * Math.PI * 500 * i) / 16000) * (0.6 + 0.4 * Math.sin((2 * Math.PI * 4 * i) / 16000));
    return Math.floor((state / 2 ** 32 - 0.5) * 6000 + tone + 0.5) / 32768;
  });
}

describe("logMelImage on two tones (spec §10.2)", () => {
  const power = melSpectrogram(twoTones, astraLogMel);
  const db = logMel(twoTones, astraLogMel);
  const bytes = stretchToBytes(db.data);
  const at = (values: ArrayLike<number>, mel: number, frame: number): number => values[mel * 32 + frame];

  it("starts from the spec's samples", () => {
    assert.deepEqual(
      [...twoTones.subarray(0, 8)].map((x) => x * 32768),
      [0, 10385, 11342, 4983, 2251, 9323, 19894, 22894],
    );
    assert.equal(sum(twoTones.map(Math.abs)) * 32768, 177655440);
  });

  it("has its power and decibels", () => {
    assert.deepEqual(power.shape, [128, 32]);
    near(sum(power.data), 35791.1011, 1e-3);
    near(at(power.data, 0, 0), 0.62178302, 1e-6);
    near(at(power.data, 18, 16), 176.029739, 1e-5);
    for (const [mel, frame, value] of [
      [0, 0, -31.048962],
      [18, 0, -8.596807],
      [18, 16, -6.529487],
      [127, 31, -61.840523],
      [40, 5, -80],
    ]) {
      near(at(db.data, mel, frame), value, 2e-5);
    }
    near(sum(db.data) / db.data.length, -73.177135);
  });

  it("has its bytes: the maximum is 255 as in float32, not 254", () => {
    assert.equal(sum(bytes), 88654);
    assert.equal(bytes.filter((v) => v === 0).length, 3242);
    assert.equal(bytes.filter((v) => v === 255).length, 15);
    assert.deepEqual([at(bytes, 0, 0), at(bytes, 18, 16), at(bytes, 127, 31)], [156, 234, 57]);
    assert.deepEqual(channelSums(applyColorMap(bytes, colorMap("plasma"))), [170423, 77035, 539529]);
  });

  it("is the spec's picture, byte for byte", () => {
    const image = logMelImage(twoTones);
    assert.deepEqual(channelSums(image.data), [2086195, 943328, 6610430]);
    assert.deepEqual(pixel(image, 0, 0), [227, 103, 95]);
    assert.deepEqual(pixel(image, 147, 112), [12, 7, 134]);
    assert.deepEqual(pixel(image, 223, 223), [115, 0, 168]);
    assert.equal(sha256(image.data), "efa4848777c89bfc8edb7b0be02d4ea8bac51815e05258d724d75cc63f4bead4");
  });
});

describe("logMelImage on noise and a tone (spec §10.3)", () => {
  const db = logMel(noisyTone(), astraLogMel);

  it("has its decibels and bytes", () => {
    for (const [mel, frame, value] of [
      [0, 0, -34.624741],
      [20, 7, -8.685871],
      [20, 16, -2.693155],
      [64, 10, -42.077087],
      [127, 31, -36.561611],
    ]) {
      near(db.data[mel * 32 + frame], value, 2e-5);
    }
    near(sum(db.data) / db.data.length, -34.351934);
    assert.equal(sum(stretchToBytes(db.data)), 359791);
  });

  it("is the spec's picture, byte for byte", () => {
    const image = logMelImage(noisyTone());
    assert.deepEqual(channelSums(image.data), [7840735, 1374685, 7683907]);
    assert.deepEqual(pixel(image, 36, 50), [242, 145, 68]);
    assert.equal(sha256(image.data), "186745e8c6b8f1a6407d15e6eb78e27d8d30bcb985d0741f8a7f7b8246bb86e2");
  });
});

describe("logMelImage", () => {
  it("of silence is one colour, the map's first", () => {
    const { data } = logMelImage(new Float32Array(16000), { colorMap: "viridis", width: 8, height: 4 });
    assert.deepEqual([...data], Array.from({ length: 32 }, () => [...colorMap("viridis").subarray(0, 3)]).flat());
  });

  it("does not see loudness: half the amplitude gives the same picture", () => {
    const [loud, quiet] = [1, 0.3].map((gain) =>
      stretchToBytes(
        logMel(
          noisyTone().map((x) => gain * x),
          astraLogMel,
        ).data,
      ),
    );
    for (let i = 0; i < loud.length; i++) near(loud[i], quiet[i], 1);
  });
});

describe("colorMap", () => {
  it("holds matplotlib's tables", () => {
    const prefixes = {
      plasma: "3c079586af5e9371",
      viridis: "96a1f6f37d4041f9",
      magma: "e2e7c21b2cdebd6f",
      inferno: "8092f65256023cef",
    };
    for (const [name, prefix] of Object.entries(prefixes))
      assert.equal(sha256(colorMap(name as "plasma")).slice(0, 16), prefix);
  });

  it("names the maps it has when asked for another", () => {
    assert.throws(() => colorMap("jet" as "plasma"), /one of plasma, viridis, magma, inferno, but got "jet"/);
  });
});
