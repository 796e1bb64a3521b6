import { readLidc } from "./lidc/read.js";
import { readMbhseg } from "./mbhseg/read.js";
import type { RatedDataset } from "./rated/image.js";
import { readRefuge } from "./refuge/read.js";

/** The datasets with several raters an image, by name. */
export const ratedDatasets = ["lidc", "mbhseg", "refuge"] as const;
export type RatedName = (typeof ratedDatasets)[number];

/** The published layout of that name, read with its defaults. @throws BadFile as the dataset's own reader */
export function readRated(name: RatedName, root: string): Promise<RatedDataset> {
  return { lidc: readLidc, mbhseg: readMbhseg, refuge: readRefuge }[name](root);
}
