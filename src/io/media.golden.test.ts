import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot } from "../core/index.js";
import { decodePng } from "./png.js";
import { encodeWav, parseWav } from "./wav.js";

interface Golden {
  readonly soundfile: string;
  readonly pypng: string;
  readonly recordings: readonly {
    readonly name: string;
    readonly file: string;
    readonly sampleRate: number;
    readonly channels: number[][];
  }[];
  readonly pictures: readonly {
    name: string;
    file: string;
    width: number;
    height: number;
    channels: number;
    values: number[];
  }[];
}

/** Files of libsndfile and pypng: tests/golden/media.py. */
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "media.json"), "utf8")) as Golden;

describe(`readWav reads what libsndfile wrote (soundfile ${golden.soundfile})`, () => {
  for (const { name, file, sampleRate, channels } of golden.recordings) {
    it(name, () => {
      const wav = parseWav(Buffer.from(file, "base64"), name);
      assert.equal(wav.sampleRate, sampleRate);
      assert.deepEqual(
        wav.channels,
        channels.map((samples) => Float32Array.from(samples)),
      );
      assert.deepEqual(parseWav(encodeWav(wav)), wav);
    });
  }
});

describe(`readPng reads what pypng ${golden.pypng} wrote`, () => {
  for (const { name, file, values, ...size } of golden.pictures) {
    it(name, () => {
      const { width, height, channels, data } = decodePng(Buffer.from(file, "base64"), name);
      assert.deepEqual({ width, height, channels }, size);
      assert.deepEqual([...data], values);
    });
  }
});
