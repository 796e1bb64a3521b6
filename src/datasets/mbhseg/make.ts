import { join } from "node:path";
import type { Random } from "../../core/index.js";
import { writeNifti } from "../../io/index.js";
import type { GeneratedMark } from "../generated/mark.js";
import { writeGenerated, type MakeOptions, type PlannedGroup } from "../generated/folder.js";
import type { RatedSplit } from "../rated/image.js";
import { drawLesion, halo, levelAt } from "../rated/lesion.js";
import { mbhsegRaters } from "./read.js";

export type MbhsegPreset = "quick" | "small";

export interface MbhsegSize {
  /** Pixels a side of an axial slice. */
  readonly size: number;
  readonly depth: number;
  /** Volumes a split. */
  readonly train: number;
  readonly test: number;
}

export const mbhsegPresets: Readonly<Record<MbhsegPreset, MbhsegSize>> = {
  quick: { size: 64, depth: 10, train: 4, test: 2 },
  small: { size: 96, depth: 16, train: 32, test: 8 },
};

/** Raise it when a change here changes any byte that is written. */
const generatorVersion = 1;

/** Cuts of d by the raters: as for LIDC, and a fourth between the medium and the generous one. */
const cuts = [0.7, 1, 1.35, 1.15] as const;

/**
 * Writes synthetic head CTs in the raw layout of MBH-Seg, in Hounsfield units, so that the windowing really runs: skull,
 * brain of 35 HU, one bleeding of up to 70 HU whose rim fades, labels 1–5 by rater. Every fifth volume lacks its last rater.
 *
 * @see AESPA spec §2.2, §9; {@link processMbhseg} for the next step
 * @example await makeMbhsegRaw({ out: "data/mbhseg-raw", preset: "quick" }) // 6 volumes of 64×64×10
 */
export async function makeMbhsegRaw({ out, preset = "quick", seed = 1, progress, signal }: MakeOptions<MbhsegPreset>): Promise<GeneratedMark> {
  const shape = mbhsegPresets[preset];
  const note = "Synthetic head CTs made by Folio (folio data make mbhseg). No patient was scanned; say so wherever a number comes from them.";
  const groups = (["train", "test"] as const).flatMap((split) => Array.from({ length: shape[split] }, (_, i) => plannedCase(split, i, shape)));
  return writeGenerated(out, { note, dataset: "mbhseg", preset, seed, generatorVersion }, groups, { progress, signal });
}

function plannedCase(split: RatedSplit, index: number, shape: MbhsegSize): PlannedGroup {
  const name = `case_${split === "train" ? 0 : 9}${String(index + 1).padStart(2, "0")}`;
  const raters = mbhsegRaters[split] - (index % 5 === 4 ? 1 : 0);
  const image = `${split}/${name}/${name}_image.nii.gz`;
  const masks = Array.from({ length: raters }, (_, i) => `${split}/${name}/${name}_rater${i + 1}.nii.gz`);
  return { name: `${split}/${name}`, paths: [image, ...masks], write: (out, random) => writeCase(out, image, masks, shape, random) };
}

async function writeCase(out: string, image: string, masks: readonly string[], { size, depth }: MbhsegSize, random: Random): Promise<void> {
  const lesion = drawLesion(size, random.stream("lesion"));
  const label = 1 + random.stream("label").integer(5);
  const middle = depth / 2 + random.stream("height").uniform(-1, 1);
  const reach = depth / 3;
  const noise = random.stream("noise");
  const shape = [size, size, depth];
  const hounsfield = new Float32Array(size * size * depth);
  const level = new Float64Array(hounsfield.length);
  for (let z = 0, at = 0; z < depth; z++) {
    for (let j = 0; j < size; j++) {
      for (let i = 0; i < size; i++, at++) {
        level[at] = Math.hypot(levelAt(lesion, i, j), (z - middle) / reach);
        const bleeding = (35 / 0.35) * halo(level[at]);
        hounsfield[at] = tissue(i, j, size, bleeding) + noise.normal(0, 4);
      }
    }
  }
  const spacingMm = [230 / size, 230 / size, 5];
  for (const [rater, path] of masks.entries()) {
    await writeNifti(join(out, path), { data: Uint8Array.from(level, (d) => (d < cuts[rater] ? label : 0)), shape, spacingMm });
  }
  await writeNifti(join(out, image), { data: Int16Array.from(hounsfield, Math.round), shape, spacingMm });
}

/** Air −1000, skull 900, brain 35 plus the bleeding, Hounsfield units. */
function tissue(i: number, j: number, size: number, bleeding: number): number {
  const radius = Math.hypot((i - size / 2) / 0.48, (j - size / 2) / 0.42) / size;
  if (radius > 1) return -1000;
  return radius > 0.92 ? 900 : 35 + bleeding;
}
