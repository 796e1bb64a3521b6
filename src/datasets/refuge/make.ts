import { join } from "node:path";
import type { Random } from "../../core/index.js";
import { writeJpeg, writePng } from "../../io/index.js";
import type { GeneratedMark } from "../generated/mark.js";
import { writeGenerated, type MakeOptions, type PlannedGroup } from "../generated/folder.js";
import type { RatedSplit } from "../rated/image.js";
import { drawLesion, halo, levels, maskBelow, slowWaves } from "../rated/lesion.js";
import { refugeFolders, refugeRaters } from "./read.js";

export type RefugePreset = "quick" | "small";

/** Images a split. */
export const refugePresets: Readonly<Record<RefugePreset, { readonly size: number; readonly train: number; readonly test: number }>> = {
  quick: { size: 96, train: 8, test: 4 },
  small: { size: 128, train: 128, test: 32 },
};

/** Raise it when a change here changes any byte that is written. */
const generatorVersion = 1;

/**
 * Writes synthetic fundus crops in the multi-rater REFUGE layout: a reddish ground, a bright disc, a brighter cup whose
 * rim fades, and seven raters who cut that rim at constant levels from 0.7 to 1.3.
 *
 * @throws BadFile `not-empty` when the folder holds something else; Interrupted
 * @example await makeRefuge({ out: "data/refuge-quick" }) // 12 images with 84 masks
 * @see AESPA spec §2.3, §9
 */
export async function makeRefuge({ out, preset = "quick", seed = 1, progress, signal }: MakeOptions<RefugePreset>): Promise<GeneratedMark> {
  const { size, ...counts } = refugePresets[preset];
  const note = "Synthetic fundus images made by Folio (folio data make refuge). No eye was photographed; say so wherever a number comes from them.";
  const groups = (["train", "test"] as const).flatMap((split) => Array.from({ length: counts[split] }, (_, i) => planned(split, i, size)));
  return writeGenerated(out, { note, dataset: "refuge", preset, seed, generatorVersion }, groups, { progress, signal });
}

function planned(split: RatedSplit, index: number, size: number): PlannedGroup {
  const id = `${split === "train" ? "g" : "T"}${String(index + 1).padStart(4, "0")}`;
  const folder = `${refugeFolders[split]}/${id}`;
  const masks = Array.from({ length: refugeRaters }, (_, i) => `${folder}/${id}_seg_cup_${i + 1}.png`);
  return { name: folder, paths: [`${folder}/${id}.jpg`, ...masks], write: (out, random) => writeEye(out, `${folder}/${id}.jpg`, masks, size, random) };
}

async function writeEye(out: string, image: string, masks: readonly string[], size: number, random: Random): Promise<void> {
  const cup = drawLesion(size, random.stream("cup"));
  const level = levels({ ...cup, radius: cup.radius * 1.2 }, size);
  const ground = slowWaves(size, random.stream("background"));
  const noise = random.stream("noise");
  const data = new Uint8Array(size * size * 3);
  for (let i = 0; i < level.length; i++) {
    const [y, x] = [Math.floor(i / size), i % size];
    const disc = 1 / (1 + Math.exp((Math.hypot(y - cup.centre[0], x - cup.centre[1]) - 0.38 * size) / (0.02 * size)));
    const light = 0.1 * ground(y, x) + 0.2 * disc + halo(level[i]) + noise.normal(0, 0.02);
    for (const [channel, base] of [0.55, 0.25, 0.12].entries()) data[3 * i + channel] = Math.round(255 * Math.min(1, Math.max(0, base + light * (channel === 2 ? 0.6 : 1))));
  }
  for (const [rater, path] of masks.entries()) {
    await writePng(join(out, path), { width: size, height: size, channels: 1, depth: 8, data: maskBelow(level, 0.7 + 0.1 * rater) });
  }
  await writeJpeg(join(out, image), { width: size, height: size, channels: 3, data });
}
