import { join } from "node:path";
import { readNpy } from "../../io/index.js";
import type { RatedProblem, RatedSplit } from "../rated/image.js";
import { checkRated, type RatedCheck } from "../rated/check.js";
import { hasIndex, lidcIndexPath, readLidc, type LidcOptions } from "./read.js";

/**
 * Looks at an LIDC folder as a whole: what {@link readLidc} notices, every picture decoded, and whether stored index
 * files select what their rule selects from the sorted listing.
 * @throws BadFile when there is nothing to look at
 */
export async function checkLidc(root: string, options: Pick<LidcOptions, "progress" | "signal"> = {}): Promise<RatedCheck> {
  const chosen = await readLidc(root, options);
  const every = await readLidc(root, { ...options, select: "every-slice" });
  const report = await checkRated(chosen, options);
  const indices = await Promise.all((["train", "test"] as const).map((split) => indexProblem(root, split, every.images, chosen.images)));
  return { ...report, problems: [...report.problems, ...indices.flat()] };
}

async function indexProblem(root: string, split: RatedSplit, every: readonly { id: string; split: RatedSplit }[], chosen: readonly { id: string; split: RatedSplit }[]): Promise<RatedProblem[]> {
  if (!(await hasIndex(root, split))) return [];
  const path = lidcIndexPath(split);
  const stored = [...(await readNpy(join(root, path))).data].map(Number).sort((a, b) => a - b);
  const usable = new Set(chosen.filter((image) => image.split === split).map(({ id }) => id));
  const rebuilt = every.filter((image) => image.split === split).flatMap(({ id }, position) => (usable.has(id) ? [position] : []));
  if (stored.join() === rebuilt.join()) return [];
  return [{ code: "index-differs", path, message: `selects ${stored.length} slices where its rule selects ${rebuilt.length}; the rule is followed` }];
}
