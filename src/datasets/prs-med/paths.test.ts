import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pairCandidates, safePath } from "./paths.js";

describe("paths of a PRS-Med row", () => {
  const row = (image_path: string, image_name: string, more: object = {}) => ({ image_path, image_name, split: "train", ...more });

  it("takes image_path for the mask where it says so", () => {
    assert.deepEqual(pairCandidates(row("brain_tumors_ct_scan/train_masks/10.png", "10.png"))[0], {
      image: "brain_tumors_ct_scan/train_images/10.png", mask: "brain_tumors_ct_scan/train_masks/10.png",
    });
  });

  it("finds ISIC's picture: no _Segmentation, JPEG", () => {
    const images = pairCandidates(row("skin_rgbimage/train_masks/ISIC_0000000_Segmentation.png", "ISIC_0000000")).map(({ image }) => image);
    assert.ok(images.includes("skin_rgbimage/train_images/ISIC_0000000.jpg"));
  });

  it("derives the mask when the picture is given, and believes mask_path", () => {
    assert.deepEqual(pairCandidates(row("prostate\\train_images\\0204_channel_08.png", "x"))[0].mask, "prostate/train_masks/0204_channel_08.png");
    assert.deepEqual(pairCandidates(row("a/b.png", "b.png", { mask_path: "a/b_seg.png" }))[0], { image: "a/b.png", mask: "a/b_seg.png" });
  });

  it("never pairs a file with itself when the path says neither", () => {
    const pairs = pairCandidates(row("polyp_endoscopy/benign (1).png", "benign (1).png"));
    assert.deepEqual(pairs[0], { image: "polyp_endoscopy/train_images/benign (1).png", mask: "polyp_endoscopy/train_masks/benign (1).png" });
    assert.ok(pairs.every(({ image, mask }) => image !== mask));
  });

  it("refuses paths that leave the data folder", () => {
    for (const path of ["/etc/passwd", "..\\x.png", "a/../../x.png", "C:\\x.png", ""]) assert.equal(safePath(path), undefined, path);
    assert.deepEqual(pairCandidates(row("../x_masks/1.png", "1.png")), []);
  });
});
