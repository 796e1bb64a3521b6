import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packageRoot, ShapeMismatch } from "../core/index.js";
import { within } from "../core/near.fixture.js";
import { bleu, meanSquaredError, nmse, psnr, rouge1, rougeL, ssim, zoneAccuracy, zoneOf } from "./index.js";

interface Golden {
  versions: Record<string, string>;
  shape: [number, number];
  truth: number[];
  image: number[];
  ssim: number;
  ssimRange: number;
  psnr: number;
  nmse: number;
  transposed: number;
  text: { hypothesis: string; reference: string; bleu: number; rouge1: number; rougeL: number }[];
}
const golden = JSON.parse(readFileSync(join(packageRoot, "tests", "golden", "images_and_text.json"), "utf8")) as Golden;

const near = within(1e-10);

const steps = (scale: (value: number, r: number, c: number) => number): number[] =>
  Array.from({ length: 64 }, (_, i) => scale(i / 63, i >> 3, i & 7));

describe(`reconstruction metrics agree with scikit-image ${golden.versions["scikit-image"]}`, () => {
  it("PSNR, SSIM, NMSE", () => {
    const { image, truth, shape } = golden;
    near(psnr(image, truth, 1), golden.psnr);
    near(ssim(image, truth, shape), golden.ssim);
    near(ssim(image, truth, shape, { dataRange: "truth" }), golden.ssimRange);
    near(nmse(image, truth), golden.nmse);
    near(
      ssim(
        steps((_, r, c) => (8 * c + r) / 63),
        steps((v) => v),
        [8, 8],
      ),
      golden.transposed,
    );
  });

  it("the published code's own test images", () => {
    const truth = steps((v) => v);
    near(
      ssim(
        steps((v) => v / 2),
        truth,
        [8, 8],
        { dataRange: "truth" },
      ),
      0.64175825,
      1e-8,
    );
    near(
      meanSquaredError(
        steps((v) => v / 2),
        truth,
      ),
      0.08399471,
      1e-8,
    );
    near(
      psnr(
        steps((v) => v / 2),
        truth,
        1,
      ),
      10.757481,
      1e-6,
    );
    near(
      ssim(
        steps((v) => v / 2 + 0.25),
        truth,
        [8, 8],
      ),
      0.80044173,
      1e-8,
    );
    const seven = Array.from({ length: 49 }, (_, i) => i / 48);
    near(
      ssim(
        seven.map((v) => v / 2),
        seven,
        [7, 7],
      ),
      0.64134083,
      1e-8,
    );
    const flat = (v: number): number[] => Array.from<number>({ length: 49 }).fill(v);
    near(ssim(flat(0.6), flat(0.5), [7, 7]), 0.98360924, 1e-8);
    near(meanSquaredError(Uint8Array.of(12, 40, 46, 100), Uint8Array.of(10, 20, 30, 200)), 2665);
  });

  it("what is undefined is excluded, what does not fit is refused", () => {
    assert.deepEqual(psnr([1, 2], [1, 2], 1), { excluded: "identical" });
    assert.deepEqual(nmse([1], [0]), { excluded: "zero-truth" });
    near(nmse([1, 1], [1, 2]), 0.2);
    near(ssim(golden.truth, golden.truth, golden.shape, { dataRange: "truth" }), 1);
    assert.throws(() => psnr([1], [1, 2], 1), ShapeMismatch);
    assert.throws(() => psnr([1], [2], 0), /range/);
    assert.throws(() => ssim([1, 2, 3, 4], [1, 2, 3, 4], [2, 2]), /window/);
    assert.throws(() => ssim(golden.image, golden.truth, [10, 19]), ShapeMismatch);
  });
});

describe("text", () => {
  it(`BLEU-4 as NLTK ${golden.versions.nltk}, ROUGE as rouge_score ${golden.versions["rouge-score"]}`, () => {
    for (const { hypothesis, reference, ...expected } of golden.text) {
      near(bleu(hypothesis, reference), expected.bleu, 1e-12);
      near(rouge1(hypothesis, reference), expected.rouge1, 1e-12);
      near(rougeL(hypothesis, reference), expected.rougeL, 1e-12);
    }
    near(bleu(golden.text[0].hypothesis, golden.text[0].reference), Math.SQRT1_2, 1e-12);
    near(bleu(golden.text[1].hypothesis, golden.text[0].hypothesis), 0.669048, 1e-6);
    assert.deepEqual([bleu("a", ""), rouge1("a", " ")], [{ excluded: "empty-reference" }, { excluded: "empty-reference" }]);
    near(bleu("", "a b"), 0);
    near(rougeL("a b c d", "a c b d"), 0.75);
  });

  it("zones, by either word order, with the baseline beside the accuracy", () => {
    assert.equal(zoneOf("The polyp is in the lower-left part, near the central region"), "bottom left");
    assert.equal(zoneOf("close to the middle of the image"), "center");
    assert.equal(zoneOf("on the left, at the top"), "top left");
    assert.equal(zoneOf("a polyp"), null);
    const references = ["top left", "top left", "top left", "center", "somewhere"];
    const { accuracy, balanced, majority } = zoneAccuracy(
      ["upper left", "top right", "top left", "top left", "center"],
      references,
    );
    near(accuracy.value, 0.5);
    near(balanced.value, 1 / 3);
    near(majority.value, 0.75);
    assert.deepEqual(accuracy.excluded, [{ case: "4", reason: "no-zone-in-reference" }]);
    assert.equal(zoneAccuracy(["a"], ["b"]).accuracy.value, null);
    // The words overlap, the one word that matters does not.
    near(zoneAccuracy([golden.text[0].hypothesis], [golden.text[0].reference]).accuracy.value, 0);
    const { strict } = zoneAccuracy(["top left, near the center", "top left", "center"], ["top left, away from the center", "top left, near the center", "in the center"]);
    near(strict.value, 2 / 3);
  });
});
