import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { encodeWav, parseWav, readWav, writeWav } from "./wav.js";
import { sampleCodes, type WavFormat } from "./wav-samples.js";

const text = (word: string): number[] => [...Buffer.from(word, "latin1")];
const u16 = (n: number): number[] => [n & 255, n >> 8];
const u32 = (n: number): number[] => [...u16(n % 65536), ...u16(Math.floor(n / 65536))];
const chunk = (id: string, body: number[], size = body.length): number[] => [
  ...text(id),
  ...u32(size),
  ...body,
  ...(body.length % 2 ? [0] : []),
];
const fmt = (tag: number, channels: number, bits: number, extra: number[] = []): number[] =>
  chunk("fmt ", [
    ...u16(tag),
    ...u16(channels),
    ...u32(8000),
    ...u32(8000 * channels * Math.ceil(bits / 8)),
    ...u16(channels * Math.ceil(bits / 8)),
    ...u16(bits),
    ...extra,
  ]);
const riff = (chunks: number[][], { kind = "RIFF", size }: { kind?: string; size?: number } = {}): Uint8Array => {
  const body = [...text("WAVE"), ...chunks.flat()];
  return Uint8Array.from([...text(kind), ...u32(size ?? body.length), ...body]);
};
const samples = (bytes: Uint8Array): number[][] => parseWav(bytes, "a.wav").channels.map((channel) => [...channel]);

describe("readWav", () => {
  it("reads every encoding to the value full scale says", () => {
    assert.deepEqual(samples(riff([fmt(1, 1, 8), chunk("data", [0, 128, 255])])), [[-1, 0, 127 / 128]]);
    assert.deepEqual(samples(riff([fmt(1, 1, 16), chunk("data", [0, 128, 1, 0, 255, 127])])), [
      [-1, 1 / 32768, 32767 / 32768],
    ]);
    assert.deepEqual(samples(riff([fmt(1, 1, 24), chunk("data", [0, 0, 128, 1, 0, 0, 255, 255, 127])])), [
      [-1, 2 ** -23, 1 - 2 ** -23],
    ]);
    assert.deepEqual(samples(riff([fmt(1, 1, 32), chunk("data", [0, 0, 0, 128, 0, 0, 0, 64])])), [[-1, 0.5]]);
    assert.deepEqual(samples(riff([fmt(3, 1, 32), chunk("data", [0, 0, 0xc0, 0x3f])])), [[1.5]]);
    assert.deepEqual(samples(riff([fmt(3, 1, 64), chunk("data", [0, 0, 0, 0, 0, 0, 0xf8, 0xbf])])), [[-1.5]]);
  });

  it("parts the channels of interleaved frames", () => {
    assert.deepEqual(samples(riff([fmt(1, 3, 8), chunk("data", [128, 64, 0, 192, 128, 64])])), [
      [0, 0.5],
      [-0.5, 0],
      [-1, -0.5],
    ]);
  });

  it("reads WAVE_FORMAT_EXTENSIBLE, whose sub-format says what the samples are", () => {
    const guid = (tag: number): number[] => [...u16(tag), ...text("\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71")];
    const extended = (tag: number, bits: number): number[] =>
      fmt(0xfffe, 1, bits, [...u16(22), ...u16(bits), ...u32(4), ...guid(tag)]);
    assert.deepEqual(samples(riff([extended(1, 16), chunk("data", [0, 64])])), [[0.5]]);
    assert.deepEqual(samples(riff([extended(3, 32), chunk("data", [0, 0, 0x80, 0x3f])])), [[1]]);
    assert.throws(() => samples(riff([extended(6, 8), chunk("data", [0])])), /a\.wav: stores A-law of 8 bits\. Convert it/);
  });

  it("skips unknown chunks, and the padding byte behind those of odd size", () => {
    assert.deepEqual(
      samples(
        riff([
          chunk("LIST", [1, 2, 3]),
          fmt(1, 1, 16),
          chunk("fact", u32(1)),
          chunk("odd ", [9]),
          chunk("data", [0, 64]),
          chunk("id3 ", [1]),
        ]),
      ),
      [[0.5]],
    );
  });

  it("takes an unfinished recorder's header as “up to the end”, whole frames only", () => {
    assert.deepEqual(samples(riff([fmt(1, 2, 16), chunk("data", [0, 64, 0, 32, 9], 0xffffffff)], { size: 0xffffffff })), [
      [0.5],
      [0.25],
    ]);
    assert.deepEqual(samples(riff([fmt(1, 1, 16), chunk("data", [0, 64], 0)], { size: 0 })), [[0.5]]);
    assert.deepEqual(samples(riff([fmt(1, 1, 16), chunk("data", [])])), [[]]);
  });

  it("reads RF64, whose 64-bit sizes stand in a ds64 chunk", () => {
    const ds64 = chunk("ds64", [...u32(0), ...u32(0), ...u32(2), ...u32(0), ...u32(1), ...u32(0), ...u32(0)]);
    assert.deepEqual(
      samples(riff([ds64, fmt(1, 1, 16), chunk("data", [0, 64, 9, 9], 0xffffffff)], { kind: "RF64", size: 0xffffffff })),
      [[0.5]],
    );
  });

  const broken: [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(0), /a\.wav: does not begin as a WAV file does/],
    ["not a WAV", Uint8Array.from(text("RIFF\0\0\0\0AVI ____")), /does not begin as a WAV/],
    ["big-endian", riff([], { kind: "RIFX" }), /big-endian RIFX/],
    [
      "cut in the samples",
      riff([fmt(1, 1, 16), chunk("data", [0, 64], 100)]),
      /a\.wav: holds 46 of the 144 bytes its header announces\. Copy it again from the source\./,
    ],
    ["cut in a chunk", riff([chunk("LIST", [], 4000000000)]), /holds 20 of the 4000000020 bytes its "LIST" chunk announces/],
    ["no data chunk", riff([fmt(1, 1, 16)]), /has no data chunk/],
    ["no fmt chunk", riff([chunk("LIST", [])]), /has no fmt chunk/],
    ["data first", riff([chunk("data", [0, 0]), fmt(1, 1, 16)]), /data chunk comes before its fmt/],
    ["short fmt", riff([chunk("fmt ", [1, 0])]), /fmt chunk has 2 bytes; it needs 16/],
    ["no channels", riff([fmt(1, 0, 16), chunk("data", [])]), /announces 0 channels/],
    ["0 Hz", riff([chunk("fmt ", [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 16, 0])]), /sample rate of 0 Hz/],
    ["PCM of 40 bits", riff([fmt(1, 1, 40), chunk("data", [])]), /stores PCM of 40 bits/],
    ["PCM of 0 bits", riff([fmt(1, 1, 0), chunk("data", [])]), /stores PCM of 0 bits/],
    [
      "wrong frame size",
      riff([chunk("fmt ", [1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 16, 0])]),
      /7-byte frames, but 1 channels of 16 bits take 2/,
    ],
    ["half a frame", riff([fmt(1, 1, 16), chunk("data", [0, 64, 1])]), /3 bytes is not a whole number of 2-byte frames/],
  ];
  for (const [what, bytes, message] of broken)
    it(`says what is wrong: ${what}`, () => assert.throws(() => samples(bytes), message));
});

describe("writeWav", () => {
  it("gives back every sample of every format and number of channels", () => {
    const formats = Object.keys(sampleCodes) as WavFormat[];
    fc.assert(
      fc.property(
        fc.constantFrom(...formats),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 20 }),
        fc.infiniteStream(fc.integer({ min: -128, max: 127 })),
        (format, count, frames, steps) => {
          const channels = Array.from({ length: count }, () =>
            Float32Array.from({ length: frames }, () => (steps.next().value as number) / 128),
          );
          assert.deepEqual(parseWav(encodeWav({ sampleRate: 16000, channels, format })), {
            sampleRate: 16000,
            channels,
            format,
          });
        },
      ),
    );
  });

  it("rounds to the nearest step and clips at full scale", () => {
    assert.deepEqual(samples(encodeWav({ sampleRate: 1, channels: [[2, -2, 0.6 / 32768, 0.4 / 32768]] })), [
      [32767 / 32768, -1, 1 / 32768, 0],
    ]);
  });

  it("refuses what the format cannot hold", () => {
    assert.throws(
      () => encodeWav({ sampleRate: 1.5, channels: [[0]] }),
      /sample rate must be a whole number of Hz, but got 1\.5/,
    );
    assert.throws(() => encodeWav({ sampleRate: 1, channels: [] }), /1 to 65535 channels/);
    assert.throws(() => encodeWav({ sampleRate: 1, channels: [[0], [0, 1]] }), /expected shape \[1\] but got \[2\]/);
    assert.throws(() => encodeWav({ sampleRate: 1, channels: [[NaN]] }), /pcm16 cannot hold NaN, sample 0 of channel 0/);
  });

  it("writes a file that readWav reads; a missing or too large one is said in one line", async () => {
    const folder = await mkdtemp(join(tmpdir(), "folio-wav-"));
    const path = join(folder, "a.wav");
    await writeWav(path, { sampleRate: 44100, channels: [[0.5]], format: "float32" });
    assert.deepEqual(await readWav(path), { sampleRate: 44100, channels: [Float32Array.of(0.5)], format: "float32" });
    await assert.rejects(readWav(join(folder, "b.wav")), /b\.wav: there is no such file\. Check the path\./);
    await assert.rejects(readWav(folder), /is a folder/);
    await assert.rejects(readWav(path, { maxBytes: 10 }), /holds 62 bytes, more than the limit of 10/);
    await rm(folder, { recursive: true });
  });
});
