import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot } from "../../core/index.js";
import { readGolden } from "../golden.fixture.js";
import { parseSentencePiece, BpeTokenizer, trainBpe } from "./index.js";

interface Split {
  readonly model: string;
  readonly ids: number[][];
  readonly decoded: string[];
}
type ModelName = "llama-like" | "trimmed" | "with-symbols" | "ours";

/** From the SentencePiece library: tests/golden/sentencepiece_bpe.py. */
const golden = readGolden<{ readonly sentencepiece: string; readonly texts: string[] } & Readonly<Record<ModelName, Split>>>("sentencepiece_bpe");
const modelOf = (name: ModelName): Uint8Array => Buffer.from(golden[name].model, "base64");

const corpus = ["Where is the tumor in this scan?", "Where is the tumour?", "The tumor is in the top left.", "The scan shows a tumor in the bottom left."];

describe(`BPE as SentencePiece ${golden.sentencepiece} does it`, () => {
  for (const name of ["llama-like", "trimmed", "with-symbols", "ours"] as const) {
    const tokenizer = new BpeTokenizer(parseSentencePiece(modelOf(name), name));
    it(`${name}: the same ids for ${golden.texts.length} texts`, () => {
      for (const [i, text] of golden.texts.entries()) assert.deepEqual(tokenizer.encode(text), golden[name].ids[i], JSON.stringify(text));
    });
    it(`${name}: the same text back`, () => {
      for (const [i, ids] of golden[name].ids.entries()) assert.equal(tokenizer.decode(ids), golden[name].decoded[i], JSON.stringify(golden.texts[i]));
    });
  }

  it("refuses what it would split differently", () => {
    assert.throws(() => parseSentencePiece(Buffer.from("no model"), "x.model"), { code: "bad-header" });
    assert.throws(() => parseSentencePiece(modelOf("trimmed").subarray(0, 100), "x.model"), { code: "bad-header" });
  });
});

describe("a BPE vocabulary of our own", () => {
  it("learns whole words, keeps punctuation apart, and gives every text back", () => {
    const tokenizer = trainBpe(corpus, { vocabulary: 200 });
    assert.deepEqual(tokenizer.pieces("Where is the tumor?"), ["▁Where", "▁is", "▁the", "▁tumor", "?"]);
    for (const text of [...corpus, "the scan shows the top"]) assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
    assert.ok(tokenizer.encode("Zebra").includes(0)); // a letter it never saw
  });

  it("is deterministic and survives being saved", async () => {
    const folder = await mkdtemp(join(tmpdir(), "folio-bpe-"));
    try {
      const tokenizer = trainBpe(corpus, { vocabulary: 60 });
      await tokenizer.save(join(folder, "tokenizer.model"));
      assert.deepEqual((await BpeTokenizer.read(join(folder, "tokenizer.model"))).model, tokenizer.model);
      assert.equal(tokenizer.size, 60);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("is the model that the library was given", async () => {
    const given = await readFile(join(packageRoot, "tests", "golden", "folio_bpe.model.txt"), "utf8");
    assert.deepEqual(parseSentencePiece(Buffer.from(given, "base64"), "given"), trainBpe(corpus, { vocabulary: 80 }).model);
  });

  it("says when the characters alone do not fit, and when a file is not there", async () => {
    assert.throws(() => trainBpe(corpus, { vocabulary: 10 }), { code: "invalid-value" });
    await assert.rejects(BpeTokenizer.read("/nowhere/tokenizer.model"), { code: "not-found" });
  });
});
