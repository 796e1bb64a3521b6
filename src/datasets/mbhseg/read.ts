import { join } from "node:path";
import { BadFile, InvalidValue } from "../../core/index.js";
import { readMark } from "../generated/mark.js";
import type { RatedDataset, RatedImage, RatedProblem, RatedSplit } from "../rated/image.js";
import { folders, namesIn } from "../rated/listing.js";
import { leaks } from "../rated/patients.js";
import { mbhsegClasses } from "./classes.js";

export interface MbhsegOptions {
  readonly splits?: readonly RatedSplit[];
  /** Multi-class folders: the one class, 1–5, that counts as foreground; any unless given. Binary folders take none. */
  readonly classIndex?: number;
}

/** Rater places the published loader fills or cuts to: four in train, three in test. */
export const mbhsegRaters: Readonly<Record<RatedSplit, number>> = { train: 4, test: 3 };

/**
 * Lists windowed head CT slices: `<root>/{train,test}/imgs/<case>/slice_<i>.png` with `…/gt/<case>/slice_<i>_r<1–4>.npy`.
 * A rater without a file keeps a place, as in the published loader, and is not valid; a fourth rater of a test slice is
 * cut off. Sorted by case, then by slice number.
 *
 * @throws BadFile `not-found`, `empty`; InvalidValue for a class outside 1–5
 * @example (await readMbhseg("data/mbhseg-binary")).images[0].id // "case_001/slice_4"
 * @see AESPA spec §2.2
 */
export async function readMbhseg(root: string, { splits = ["train", "test"], classIndex }: MbhsegOptions = {}): Promise<RatedDataset> {
  if (classIndex !== undefined && !(Number.isInteger(classIndex) && classIndex >= 1 && classIndex < mbhsegClasses)) {
    throw new InvalidValue("readMbhseg", "classIndex must be a whole number from 1 to 5", classIndex);
  }
  const problems: RatedProblem[] = [];
  const images: RatedImage[] = [];
  for (const split of splits) {
    const found = await listSplit(root, split, classIndex, problems);
    if (found.length === 0) throw new BadFile("empty", join(root, split), "holds no slice with a mask", "Make slices with: folio data make mbhseg --from RAW");
    images.push(...found);
  }
  problems.push(...leaks(images));
  return { root, images, raterCount: mbhsegRaters.train, problems, generated: await readMark(root) };
}

async function listSplit(root: string, split: RatedSplit, classIndex: number | undefined, problems: RatedProblem[]): Promise<RatedImage[]> {
  const images: RatedImage[] = [];
  for (const patient of await folders(join(root, split, "imgs"), "Make slices with: folio data make mbhseg --from RAW")) {
    const masks = new Set(await namesIn(join(root, split, "gt", patient)));
    const files = await namesIn(join(root, split, "imgs", patient));
    for (const file of files.sort((a, b) => sliceNumber(a) - sliceNumber(b))) {
      const path = `${split}/imgs/${patient}/${file}`;
      if (Number.isNaN(sliceNumber(file))) {
        problems.push({ code: "stray-file", path, message: "the name is not slice_<number>.png" });
        continue;
      }
      const slice = file.slice(0, -4);
      const places = Array.from({ length: mbhsegRaters[split] }, (_, i) => `${slice}_r${i + 1}.npy`);
      const found = places.map((name) => (masks.has(name) ? join(root, split, "gt", patient, name) : undefined));
      if (found.every((mask) => mask === undefined)) problems.push({ code: "missing-mask", path, message: "no rater has a mask for it" });
      else images.push({ id: `${patient}/${slice}`, patient, split, image: join(root, path), masks: found, ...(classIndex !== undefined && { classIndex }) });
    }
  }
  return images;
}

const sliceNumber = (file: string): number => Number(/^slice_(\d+)\.png$/.exec(file)?.[1] ?? Number.NaN);
