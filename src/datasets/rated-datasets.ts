import { UsageError } from "../core/index.js";
import { readLidc } from "./lidc/read.js";
import { readMbhseg } from "./mbhseg/read.js";
import type { RatedDataset } from "./rated/image.js";
import { readRefuge } from "./refuge/read.js";

/** The datasets with several raters an image, by name. */
export const ratedDatasets = ["lidc", "mbhseg", "refuge"] as const;
export type RatedName = (typeof ratedDatasets)[number];

/**
 * The published layout of that name, read with its defaults.
 * @param classIndex MBHSeg's multi-class form: the one class, 1–5, that counts as foreground; without one any does
 * @throws BadFile as the dataset's own reader; UsageError for a class of a dataset that has none
 */
export async function readRated(name: RatedName, root: string, { classIndex }: { readonly classIndex?: number } = {}): Promise<RatedDataset> {
  if (name === "mbhseg") return readMbhseg(root, { classIndex });
  if (classIndex !== undefined) throw new UsageError(`--class goes with mbhseg, whose masks have classes; ${name} has none.`);
  return { lidc: readLidc, refuge: readRefuge }[name](root);
}
