import { FolioError } from "../../core/index.js";
import { readNpy } from "../../io/index.js";
import { checkRated, type RatedCheck } from "../rated/check.js";
import type { RatedSplit } from "../rated/image.js";
import { mbhsegClasses } from "./classes.js";
import { readMbhseg } from "./read.js";

export interface MbhsegCheck extends RatedCheck {
  /** Of the multi-class form: slices on which a rater marked class 1, 2 … 5, by split. */
  readonly classes?: Readonly<Record<RatedSplit, readonly number[]>>;
}

/** {@link checkRated}, and which classes there are. */
export async function checkMbhseg(root: string, options: Parameters<typeof checkRated>[1] = {}): Promise<MbhsegCheck> {
  const dataset = await readMbhseg(root);
  const check = await checkRated(dataset, options);
  const classes: Record<RatedSplit, number[]> = { train: Array.from({ length: mbhsegClasses - 1 }, () => 0), test: Array.from({ length: mbhsegClasses - 1 }, () => 0) };
  let multi = false;
  for (const { split, masks } of dataset.images) {
    const present = new Set<number>();
    for (const path of masks) {
      const mask = path === undefined ? undefined : await readable(path);
      if (mask?.shape.length !== 3) continue;
      multi = true;
      for (let i = 0; i < mask.data.length; i++) if (mask.data[i] > 0) present.add(i % mask.shape[2]);
    }
    for (const label of present) if (label > 0) classes[split][label - 1]++;
  }
  return multi ? { ...check, classes } : check;
}

/** What cannot be read is among the problems already. */
async function readable(path: string) {
  try {
    return await readNpy(path);
  } catch (error) {
    if (error instanceof FolioError) return undefined;
    throw error;
  }
}
