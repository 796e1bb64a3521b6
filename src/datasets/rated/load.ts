import { silent, stopIfAborted, type Progress } from "../../core/index.js";
import { resizeBilinear } from "../../signal/index.js";
import type { RatedCase, RatedImage } from "./image.js";
import { maskAtSize, maskAtSizeNearest, readMask, readPicture, toRgb } from "./pixels.js";

/**
 * Reads one image and its masks at S×S: bilinear with antialias (byte for byte as Pillow), masks cut at one half;
 * multi-class masks by nearest neighbour.
 *
 * @throws BadFile when a file is missing or is no 8-bit image
 * @example (await loadRated(image, 128)).raters[0].reduce((sum, x) => sum + x, 0) // pixels of the first rater
 * @see AESPA spec §2
 */
export async function loadRated({ id, patient, image, masks, classIndex }: RatedImage, size: number): Promise<RatedCase> {
  const picture = resizeBilinear(toRgb(await readPicture(image)), size, size).data;
  const raters = await Promise.all(masks.map(async (path) => {
    if (path === undefined) return new Uint8Array(size * size);
    const mask = await readMask(path, classIndex);
    return classIndex === undefined ? maskAtSize(mask, size) : maskAtSizeNearest(mask, size);
  }));
  return { id, patient, size, image: picture, raters, valid: raters.map((mask) => mask.includes(1)) };
}

/** {@link loadRated} on many, in order. */
export async function loadRatedAll(
  images: readonly RatedImage[],
  size: number,
  { progress = silent, signal }: { progress?: Progress; signal?: AbortSignal } = {},
): Promise<RatedCase[]> {
  const task = progress.begin("read images", images.length);
  const cases: RatedCase[] = [];
  for (const image of images) {
    stopIfAborted(signal);
    cases.push(await loadRated(image, size));
    task.update(cases.length);
  }
  task.end(`${cases.length} images`);
  return cases;
}
