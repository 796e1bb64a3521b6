import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { readMark } from "../generated/mark.js";
import type { RatedDataset, RatedImage, RatedProblem, RatedSplit } from "../rated/image.js";
import { folders, namesIn } from "../rated/listing.js";

/** Seven experts outlined the optic cup. */
export const refugeRaters = 7;

export const refugeFolders: Readonly<Record<RatedSplit, string>> = { train: "Training-400", test: "Test-400" };

/**
 * Lists the multi-rater REFUGE fundus images: `<root>/{Training,Test}-400/<id>/<id>.jpg` with `<id>_seg_cup_1.png` to `_7.png`.
 * Only the cup: the method reads nothing else. One image a patient.
 *
 * @throws BadFile `not-found` when a split is missing, `empty` when it has no complete image
 * @example (await readRefuge("data/refuge")).images[0].masks.length // 7
 * @see AESPA spec §2.3
 */
export async function readRefuge(root: string, { splits = ["train", "test"] }: { readonly splits?: readonly RatedSplit[] } = {}): Promise<RatedDataset> {
  const problems: RatedProblem[] = [];
  const images: RatedImage[] = [];
  for (const split of splits) {
    const before = images.length;
    for (const id of await folders(join(root, refugeFolders[split]), "Make sample data with: folio data make refuge")) {
      const found = await readOne(root, split, id, problems);
      if (found !== undefined) images.push(found);
    }
    if (images.length === before) throw new BadFile("empty", join(root, refugeFolders[split]), "holds no image with all seven masks", "See data/cards/refuge.md for the layout.");
  }
  return { root, images, raterCount: refugeRaters, problems, generated: await readMark(root) };
}

async function readOne(root: string, split: RatedSplit, id: string, problems: RatedProblem[]): Promise<RatedImage | undefined> {
  const folder = join(root, refugeFolders[split], id);
  const path = `${refugeFolders[split]}/${id}`;
  const image = join(folder, `${id}.jpg`);
  if (!(await stat(image).then((file) => file.isFile(), () => false))) { // prettier-ignore
    problems.push({ code: "missing-image", path, message: `there is no ${id}.jpg` });
    return undefined;
  }
  const there = new Set(await namesIn(folder));
  const names = Array.from({ length: refugeRaters }, (_, i) => `${id}_seg_cup_${i + 1}.png`);
  const absent = names.filter((name) => !there.has(name));
  if (absent.length > 0) {
    problems.push({ code: "missing-mask", path, message: `there is no ${absent.join(", ")}` });
    return undefined;
  }
  return { id, patient: id, split, image, masks: names.map((name) => join(folder, name)) };
}
