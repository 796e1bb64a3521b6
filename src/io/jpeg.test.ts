import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { decodeJpeg, readJpeg, writeJpeg } from "./jpeg.js";

/** A 16×8 grey ramp 0 … 120 written by Pillow 12.3 (`Image.save(…, quality=95)`), and what Pillow reads back of its first row. */
const pillow = {
  file: "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/wAALCAAIABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APxv/Zt/5d/wr9AP2bf+Xf8ACv/Z",
  row: [0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120],
};

describe("jpeg", () => {
  it("reads a file of Pillow's within one level of what Pillow reads", () => {
    const { width, height, channels, data } = decodeJpeg(Buffer.from(pillow.file, "base64"));
    assert.deepEqual([width, height, channels], [16, 8, 3]);
    for (const [x, level] of pillow.row.entries()) {
      for (let c = 0; c < 3; c++)
        assert.ok(Math.abs(data[3 * x + c] - level) <= 1, `x ${x}: ${data[3 * x + c]} beside ${level}`);
    }
  });

  it("reads back what it wrote, within what the format loses", async () => {
    const folder = await mkdtemp(join(tmpdir(), "folio-jpeg-"));
    try {
      const data = Uint8Array.from({ length: 24 * 16 * 3 }, (_, i) => Math.round(128 + 100 * Math.sin(i / 90)));
      const path = join(folder, "a.jpg");
      await writeJpeg(path, { width: 24, height: 16, channels: 3, data });
      const read = await readJpeg(path);
      assert.deepEqual([read.width, read.height], [24, 16]);
      assert.ok(read.data.every((level, i) => Math.abs(level - data[i]) <= 12));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("says what is wrong with a damaged file", () => {
    const good = Buffer.from(pillow.file, "base64");
    assert.throws(() => decodeJpeg(good.subarray(0, 3), "a.jpg"), { code: "truncated-file" });
    assert.throws(() => decodeJpeg(Buffer.from("not an image"), "a.jpg"), {
      code: "corrupt-data",
      message: /^a\.jpg: does not begin/,
    });
    assert.throws(() => decodeJpeg(good.subarray(0, 100), "a.jpg"), { code: "corrupt-data" });
    assert.throws(() => decodeJpeg(good, "a.jpg", { maxBytes: 100 }), { code: "too-large" });
    const giant = Buffer.from(good);
    giant.writeUInt32BE((9000 << 16) | 9000, giant.indexOf(Buffer.of(0xff, 0xc0)) + 5);
    assert.throws(() => decodeJpeg(giant, "a.jpg"), {
      code: "truncated-file",
      message: /that 9000 × 9000 pixels take at the least/,
    });
  });
});
