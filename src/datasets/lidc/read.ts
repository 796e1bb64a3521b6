import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, silent, stopIfAborted, type Progress } from "../../core/index.js";
import { readMark } from "../generated/mark.js";
import { folders, namesIn } from "../rated/listing.js";
import type { RatedDataset, RatedImage, RatedProblem, RatedSplit } from "../rated/image.js";
import { leaks } from "../rated/patients.js";
import { maskAtSize, readMask } from "../rated/pixels.js";

export interface LidcOptions {
  /** Splits to read; both unless given. */
  readonly splits?: readonly RatedSplit[];
  /**
   * * `all-drew` (default): the rule behind the published index files – every one of the three masks has a pixel at 256×256
   * * `every-slice`: no selection; empty masks come as invalid raters
   */
  readonly select?: "all-drew" | "every-slice";
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Graders `l0`–`l2` are read, `l3` is not: so does the published loader. */
export const lidcRaters = 3;

/** Where the published index was made: a mask counts as empty when it has no pixel at this size. */
const indexSize = 256;

/**
 * Lists the LIDC crops of the Hierarchical Probabilistic U-Net release:
 * `<root>/{train,test}/images/<patient>/<slice>.png` with `…/gt/<patient>/<slice>_l0.png` to `_l3.png`.
 *
 * Names are sorted and the index of usable slices is rebuilt by its rule. The published index files count positions in
 * an unsorted directory listing, so on another disk they pick other slices (spec §8.4).
 *
 * @throws BadFile `not-found` when the folder or a split is missing, `empty` when a split has no usable slice
 * @example (await readLidc("data/lidc")).images[0].id // "LIDC-IDRI-0001/z-105.0_c0"
 * @see AESPA spec §2.1
 */
export async function readLidc(root: string, options: LidcOptions = {}): Promise<RatedDataset> {
  const { splits = ["train", "test"], select = "all-drew" } = options;
  const problems: RatedProblem[] = [];
  const images: RatedImage[] = [];
  for (const split of splits) {
    const listed = await listSplit(root, split, problems);
    const usable = select === "all-drew" ? await allDrew(listed, options, problems) : listed;
    if (usable.length === 0) throw new BadFile("empty", join(root, split), "holds no slice with all three masks", "See data/cards/lidc.md for the layout.");
    images.push(...usable);
  }
  problems.push(...leaks(images));
  return { root, images, raterCount: lidcRaters, problems, generated: await readMark(root) };
}

async function listSplit(root: string, split: RatedSplit, problems: RatedProblem[]): Promise<RatedImage[]> {
  const images: RatedImage[] = [];
  for (const patient of await folders(join(root, split, "gt"), "Make sample data with: folio data make lidc")) {
    const slices = await namesIn(join(root, split, "images", patient));
    if (slices.length === 0) problems.push({ code: "missing-image", path: `${split}/gt/${patient}`, message: "there is no folder of images for it" });
    const masks = new Set(await namesIn(join(root, split, "gt", patient)));
    for (const file of slices) {
      const path = `${split}/images/${patient}/${file}`;
      if (!file.endsWith(".png")) {
        problems.push({ code: "stray-file", path, message: "not a PNG file" });
        continue;
      }
      const slice = file.slice(0, -4);
      const names = Array.from({ length: lidcRaters }, (_, rater) => `${slice}_l${rater}.png`);
      const absent = names.filter((name) => !masks.has(name));
      if (absent.length > 0) problems.push({ code: "missing-mask", path, message: `there is no ${absent.join(", ")}` });
      else images.push({
        id: `${patient}/${slice}`, patient, split, image: join(root, path), masks: names.map((name) => join(root, split, "gt", patient, name)),
      });
    }
  }
  return images;
}

async function allDrew(images: readonly RatedImage[], { progress = silent, signal }: LidcOptions, problems: RatedProblem[]): Promise<RatedImage[]> {
  const task = progress.begin("find slices that every rater marked", images.length);
  const kept: RatedImage[] = [];
  for (const [done, image] of images.entries()) {
    stopIfAborted(signal);
    const problem = await emptyMask(image);
    if (problem === undefined) kept.push(image);
    else problems.push(problem);
    task.update(done + 1);
  }
  task.end(`${kept.length} of ${images.length}`);
  return kept;
}

async function emptyMask({ id, split, masks }: RatedImage): Promise<RatedProblem | undefined> {
  for (const [rater, path] of masks.entries()) {
    try {
      if (!maskAtSize(await readMask(path!), indexSize).includes(1)) return { code: "empty-mask", path: `${split}/gt/${id}_l${rater}.png`, message: `rater ${rater} drew nothing` };
    } catch (error) {
      if (!(error instanceof BadFile)) throw error;
      return { code: "unreadable", path: `${split}/gt/${id}_l${rater}.png`, message: error.problem };
    }
  }
  return undefined;
}

/** Where the published code keeps its positions, beside the two splits. */
export const lidcIndexPath = (split: RatedSplit): string => `assets/lidc_${split}_non_empty_indices.npy`;

export const hasIndex = (root: string, split: RatedSplit): Promise<boolean> => stat(join(root, lidcIndexPath(split))).then(() => true, () => false);
