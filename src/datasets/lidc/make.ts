import { join } from "node:path";
import type { Random } from "../../core/index.js";
import { writeNpy, writePng } from "../../io/index.js";
import type { GeneratedMark } from "../generated/mark.js";
import { writeGenerated, type MakeOptions, type PlannedGroup } from "../generated/folder.js";
import type { RatedSplit } from "../rated/image.js";
import { drawSlice, maskBelow, raterLevels } from "../rated/lesion.js";
import { lidcIndexPath } from "./read.js";

export type LidcPreset = "quick" | "small";

/** Slices a split, four a patient. `small` is the spec's §9; `quick` has every part of it and trains within a minute. */
export const lidcPresets: Readonly<Record<LidcPreset, { readonly size: number; readonly train: number; readonly test: number }>> = {
  quick: { size: 64, train: 32, test: 16 },
  small: { size: 64, train: 256, test: 48 },
};

const slicesPerPatient = 4;

/** Raise it when a change here changes any byte that is written. */
const generatorVersion = 2;

/**
 * Writes synthetic slices in the LIDC layout: a lesion with a soft edge, a bright distractor, and raters who cut the edge
 * at three constant levels – `l0` cautious, `l1` medium, `l2` generous; `l3` is the medium one with a shaky hand, which
 * the published loader does not read. Also the sorted index files.
 *
 * @returns the mark that now stands in the folder
 * @throws BadFile `not-empty` when the folder holds something else; Interrupted
 * @example await makeLidc({ out: "data/lidc-small", preset: "small", seed: 1 }) // 256 + 48 slices, 64×64
 * @see AESPA spec §9
 */
export async function makeLidc({ out, preset = "quick", seed = 1, progress, signal }: MakeOptions<LidcPreset>): Promise<GeneratedMark> {
  const { size, train, test } = lidcPresets[preset];
  const note = "Synthetic slices made by Folio (folio data make lidc). No patient was imaged; say so wherever a number comes from them.";
  const groups = [...splitGroups("train", train, 1, size), ...splitGroups("test", test, 1 + train / slicesPerPatient, size)];
  return writeGenerated(out, { note, dataset: "lidc", preset, seed, generatorVersion }, groups, { progress, signal });
}

function splitGroups(split: RatedSplit, slices: number, firstPatient: number, size: number): PlannedGroup[] {
  const planned = Array.from({ length: slices }, (_, i) => {
    const patient = `LIDC-IDRI-9${String(firstPatient + Math.floor(i / slicesPerPatient)).padStart(3, "0")}`;
    const slice = `z-${(105 + 2.5 * (i % slicesPerPatient)).toFixed(1)}_c0`;
    return { patient, slice };
  });
  const groups = planned.map(({ patient, slice }): PlannedGroup => {
    const image = `${split}/images/${patient}/${slice}.png`;
    const masks = [0, 1, 2, 3].map((rater) => `${split}/gt/${patient}/${slice}_l${rater}.png`);
    return { name: `${split}/${patient}/${slice}`, paths: [image, ...masks], write: (out, random) => writeSlice(out, image, masks, size, random) };
  });
  const index = lidcIndexPath(split);
  const positions = BigInt64Array.from({ length: slices }, (_, i) => BigInt(i)); // every rater marks every slice
  return [...groups, { name: index, paths: [index], write: (out) => writeNpy(join(out, index), { shape: [slices], data: positions }) }];
}

async function writeSlice(out: string, image: string, masks: readonly string[], size: number, random: Random): Promise<void> {
  const { grey, level } = drawSlice(size, random);
  const shaky = random.stream("shaky");
  const drawn = [...raterLevels.map((cut) => maskBelow(level, cut)), maskBelow(level.map((d) => d + shaky.normal(0, 0.08)), 1)];
  for (const [rater, data] of drawn.entries()) await writePng(join(out, masks[rater]), { width: size, height: size, channels: 1, depth: 8, data });
  const data = Uint8Array.from(grey, (value) => Math.round(255 * value));
  await writePng(join(out, image), { width: size, height: size, channels: 1, depth: 8, data });
}
