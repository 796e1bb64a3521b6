import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import * as fc from "fast-check";
import * as fastPng from "fast-png";
import { decodePng } from "./png.js";
import { encodePng } from "./png-encode.js";

const chunk = (type: string, body: Uint8Array | number[]): Buffer => {
  const whole = Buffer.concat([Buffer.alloc(4), Buffer.from(type, "latin1"), Uint8Array.from(body), Buffer.alloc(4)]);
  whole.writeUInt32BE(body.length, 0);
  whole.writeUInt32BE(crc32(whole.subarray(4, -4)), whole.length - 4);
  return whole;
};
const signature = Buffer.from("89504e470d0a1a0a", "hex");
const header = (width: number, height: number, depth: number, color: number, interlace = 0): Buffer => {
  const body = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, depth, color, 0, 0, interlace]);
  body.writeUInt32BE(width, 0);
  body.writeUInt32BE(height, 4);
  return chunk("IHDR", body);
};
const png = (...chunks: Buffer[]): Buffer => Buffer.concat([signature, ...chunks, chunk("IEND", [])]);
const pixels = (...bytes: number[]): Buffer => chunk("IDAT", deflateSync(Uint8Array.from(bytes)));
const decoded = (bytes: Uint8Array): [number, number[]] => {
  const { channels, data } = decodePng(bytes, "a.png");
  return [channels, [...data]];
};

const image = fc
  .tuple(
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 12 }),
    fc.constantFrom(1, 2, 3, 4),
    fc.constantFrom(8, 16),
  )
  .chain(([width, height, channels, depth]) => {
    const length = { minLength: width * height * channels, maxLength: width * height * channels };
    const data = depth === 8 ? fc.uint8Array(length) : fc.uint16Array(length);
    return data.map((data) => ({ width, height, channels: channels as 1 | 2 | 3 | 4, depth: depth as 8 | 16, data }));
  });

describe("readPng", () => {
  it("reads what fast-png 8.0.0 writes, plain and interlaced", () => {
    fc.assert(
      fc.property(image, fc.constantFrom("null" as const, "Adam7" as const), (image, interlace) => {
        const { stored, ...read } = decodePng(fastPng.encode(image, { interlace }));
        assert.deepEqual(read, image);
        assert.equal(stored.interlaced, interlace === "Adam7");
      }),
    );
  });

  it("undoes each of the five filters", () => {
    const lines = [0, 10, 20, 30, 1, 10, 10, 10, 2, 1, 1, 1, 3, 5, 5, 5, 4, 1, 2, 3];
    const { data } = fastPng.decode(png(header(3, 5, 8, 0), pixels(...lines)));
    assert.deepEqual(decoded(png(header(3, 5, 8, 0), pixels(...lines))), [1, [...data]]);
  });

  it("stretches 1, 2 and 4 bits to black and white", () => {
    assert.deepEqual(decoded(png(header(3, 1, 1, 0), pixels(0, 0b10100000))), [1, [255, 0, 255]]);
    assert.deepEqual(decoded(png(header(4, 1, 2, 0), pixels(0, 0b00011011))), [1, [0, 85, 170, 255]]);
    assert.deepEqual(decoded(png(header(3, 1, 4, 0), pixels(0, 0x0f, 0x30))), [1, [0, 255, 51]]);
  });

  it("turns a palette into colours, with alpha where the file has some, or leaves the numbers", () => {
    const file = (...extra: Buffer[]): Buffer =>
      png(header(2, 1, 2, 3), chunk("PLTE", [1, 2, 3, 4, 5, 6]), ...extra, pixels(0, 0b01000000));
    assert.deepEqual(decoded(file()), [3, [4, 5, 6, 1, 2, 3]]);
    assert.deepEqual(decoded(file(chunk("tRNS", [9]))), [4, [4, 5, 6, 255, 1, 2, 3, 9]]);
    const { data, palette } = decodePng(file(), "a.png", { palette: "indices" });
    assert.deepEqual(
      [[...data], [...palette!]],
      [
        [1, 0],
        [1, 2, 3, 4, 5, 6],
      ],
    );
  });

  it("turns the one transparent colour of a grey or RGB image into alpha", () => {
    assert.deepEqual(decoded(png(header(2, 1, 8, 0), chunk("tRNS", [0, 7]), pixels(0, 7, 8))), [2, [7, 0, 8, 255]]);
    assert.deepEqual(decoded(png(header(1, 1, 2, 0), chunk("tRNS", [0, 3]), pixels(0, 0xc0))), [2, [255, 0]]);
    assert.deepEqual(decoded(png(header(2, 1, 8, 2), chunk("tRNS", [0, 1, 0, 2, 0, 3]), pixels(0, 1, 2, 3, 1, 2, 4))), [
      4,
      [1, 2, 3, 0, 1, 2, 4, 255],
    ]);
    assert.deepEqual(decoded(png(header(1, 1, 16, 0), chunk("tRNS", [1, 2]), pixels(0, 1, 2))), [2, [258, 0]]);
  });

  const good = png(header(2, 1, 8, 0), pixels(0, 7, 8));
  const flipped = Buffer.from(good);
  flipped[45] ^= 1;
  const bomb = chunk("IDAT", deflateSync(new Uint8Array(5_000_000)));
  const broken: [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(0), /a\.png: does not begin as a PNG file does\. Check/],
    ["a flipped byte", flipped, /a\.png: the checksum of its IDAT chunk at byte 33 is wrong\. Copy it again/],
    ["cut in a chunk", good.subarray(0, 40), /holds 40 of the 45 bytes its next chunk needs/],
    ["cut in the pixels", good.subarray(0, 45), /holds 45 of the 56 bytes its "IDAT" chunk announces/],
    ["cut between chunks", good.subarray(0, -12), /holds 56 of the 68 bytes its next chunk needs/],
    [
      "packed pixels end early",
      png(header(2, 1, 8, 0), chunk("IDAT", deflateSync(Buffer.from([0, 7, 8])).subarray(0, 4))),
      /packed pixels end too early/,
    ],
    ["too few pixels", png(header(3, 1, 8, 0), pixels(0, 7, 8)), /holds 3 of the 4 bytes its pixels need/],
    ["too many pixels", png(header(1, 1, 8, 0), pixels(0, 7, 8)), /unfolds to more than the 2 bytes its size needs/],
    ["a bomb", png(header(1000, 10, 8, 0), bomb), /unfolds to more than the 10010 bytes/],
    [
      "giant",
      png(header(2 ** 31 - 1, 2 ** 31 - 1, 16, 6), pixels(0)),
      /2147483647 × 2147483647 pixels takes \d+ bytes, more than the limit of 1073741824/,
    ],
    ["large beyond what is there", png(header(20000, 20000, 8, 0), pixels(0)), /holds 9 of the \d+ bytes of packed pixels/],
    ["0 pixels", png(header(0, 1, 8, 0), pixels(0)), /announces 0 × 1 pixels/],
    ["RGB of 4 bits", png(header(1, 1, 4, 2), pixels(0)), /colour type 2 with 4 bits, which PNG does not have/],
    ["no such filter", png(header(1, 1, 8, 0), pixels(5, 1)), /scan line with filter 5/],
    ["no such interlace", png(header(1, 1, 8, 0, 2), pixels(0, 1)), /interlace 2/],
    ["no palette", png(header(1, 1, 8, 3), pixels(0, 0)), /palette image without a palette/],
    [
      "a colour beyond the palette",
      png(header(1, 1, 8, 3), chunk("PLTE", [1, 2, 3]), pixels(0, 1)),
      /colour 1 of a palette of 1/,
    ],
    ["a ragged palette", png(header(1, 1, 8, 3), chunk("PLTE", [1, 2]), pixels(0, 0)), /palette has 2 bytes/],
    [
      "alpha for colours that are not there",
      png(header(1, 1, 8, 3), chunk("PLTE", [1, 2, 3]), chunk("tRNS", [1, 2]), pixels(0, 0)),
      /tRNS chunk of 2 bytes/,
    ],
    ["an unknown critical chunk", png(header(1, 1, 8, 0), chunk("ABCD", []), pixels(0, 1)), /critical chunk "ABCD"/],
    ["no header", png(pixels(0, 1)), /does not begin with a 13-byte IHDR/],
    ["no pixels at all", png(header(1, 1, 8, 0)), /packed pixels its size needs/],
  ];
  for (const [what, bytes, message] of broken)
    it(`says what is wrong: ${what}`, () => assert.throws(() => decodePng(bytes, "a.png"), message));
});

describe("encodePng", () => {
  it("is read back by this reader and by fast-png 8.0.0", () => {
    fc.assert(
      fc.property(image, (image) => {
        const bytes = encodePng(image);
        const { stored: _, ...read } = decodePng(bytes);
        assert.deepEqual(read, image);
        const { width, height, channels, depth, data } = fastPng.decode(bytes, { checkCrc: true });
        assert.deepEqual({ width, height, channels, depth, data }, image);
      }),
    );
  });

  it("packs a smooth picture several times smaller than its pixels", () => {
    const data = Uint8Array.from(
      { length: 128 * 128 },
      (_, i) => 128 + 60 * Math.sin((i % 128) / 20) + 40 * Math.cos(i / 128 / 15),
    );
    assert.ok(encodePng({ width: 128, height: 128, channels: 1, data }).length < data.length / 5);
  });

  it("refuses samples that do not fit the size", () => {
    assert.throws(
      () => encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(4) }),
      /expected shape \[2, 2, 3\] but got \[4\]/,
    );
    assert.throws(() => encodePng({ width: 0, height: 2, channels: 3, data: new Uint8Array(0) }), /whole numbers from 1/);
    assert.throws(
      () => encodePng({ width: 1, height: 1, channels: 1, depth: 16, data: new Uint8Array(1) }),
      /a depth of 16 goes with a Uint16Array/,
    );
  });
});
