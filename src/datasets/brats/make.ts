import { join } from "node:path";
import { writeNifti, type Affine } from "../../io/index.js";
import { writeGenerated, type MakeOptions, type PlannedGroup } from "../generated/folder.js";
import type { GeneratedMark } from "../generated/mark.js";
import { drawHead, lesionLevel, lesionShares, scan, type Head } from "./head.js";
import { folderLayouts, modalities as allModalities, msdChannels, type BratsLayout, type Modality } from "./layout.js";
import type { SliceRules } from "./slice.js";

export type BratsPreset = "quick" | "small";

export interface BratsSize {
  readonly size: number;
  readonly depth: number;
  readonly patients: number;
}

export const bratsPresets: Readonly<Record<BratsPreset, BratsSize>> = {
  quick: { size: 64, depth: 40, patients: 10 },
  small: { size: 64, depth: 40, patients: 150 }, // 120 to train on: as many lesions as the spec's prototype had training slices
};

/** The published rules brought to volumes of 64×64×40 (RASALoRE spec §9). */
export const generatedRules: SliceRules = { margin: 4, minLesionArea: 20 };

/** Raise it when a change here changes any byte that is written. */
const generatorVersion = 2;

export interface MakeBratsOptions extends MakeOptions<BratsPreset> {
  /** `BraTS20` unless given. Every layout has its own patients and its own scanner. */
  readonly layout?: BratsLayout;
  /** All four unless given; an MSD file always holds all of them. */
  readonly modalities?: readonly Modality[];
}

/**
 * Writes synthetic brain volumes with one tumour each, as one of the four releases lays them out: int16 scans in four
 * modalities and labels 0, 1, 2, 4 (3 in BraTS23 and MSD). Extraction, split and everything after run on them unchanged.
 * @see RASALoRE spec §2.1, §9; {@link extractBrats} for the next step
 * @example await makeBrats({ out: "data/brats-raw", preset: "quick", layout: "BraTS20" }) // 10 patients of 64×64×40
 */
export async function makeBrats({ out, preset = "quick", seed = 1, layout = "BraTS20", modalities = allModalities, progress, signal }: MakeBratsOptions): Promise<GeneratedMark> {
  const note = `Synthetic brain volumes in the ${layout} layout, made by Folio (folio data make brats). No patient was scanned; say so wherever a number comes from them.`;
  const size = bratsPresets[preset];
  const groups = Array.from({ length: size.patients }, (_, i) => (layout === "MSD" ? msdPatient(i, size) : folderPatient(layout, i, size, modalities)));
  return writeGenerated(out, { note, dataset: ["brats", layout, ...(modalities.length < allModalities.length ? modalities : [])].join("-"), preset, seed, generatorVersion }, groups, { progress, signal });
}

function folderPatient(layout: Exclude<BratsLayout, "MSD">, index: number, size: BratsSize, modalities: readonly Modality[]): PlannedGroup {
  const { prefix, volume, mask, extension } = folderLayouts[layout];
  const patient = { BraTS20: numbered(prefix, index, 3), BraTS21: numbered(prefix, index, 5), BraTS23: `${numbered(prefix, index, 5)}-000` }[layout];
  const path = (name: string): string => `${patient}/${name}${extension}`;
  const masks = path(mask(patient));
  return {
    name: patient,
    paths: [...modalities.map((modality) => path(volume(patient, modality))), masks],
    write: async (out, random) => {
      const head = drawHead(size.size, size.depth, random.stream("head"));
      const shares = lesionShares(head);
      for (const modality of modalities) await write(join(out, path(volume(patient, modality))), scan(head, shares, modality, layout, random.stream(modality)), head);
      await write(join(out, masks), labels(head, layout), head);
    },
  };
}

function msdPatient(index: number, size: BratsSize): PlannedGroup {
  const patient = numbered("BRATS_", index, 3);
  const [image, mask] = [`imagesTr/${patient}.nii.gz`, `labelsTr/${patient}.nii.gz`];
  return {
    name: patient,
    paths: [image, mask],
    write: async (out, random) => {
      const head = drawHead(size.size, size.depth, random.stream("head"));
      const shares = lesionShares(head);
      const channels = [...allModalities].sort((a, b) => msdChannels[a] - msdChannels[b]).map((modality) => scan(head, shares, modality, "MSD", random.stream(modality)));
      const joined = new Int16Array(channels.length * channels[0].length);
      for (const [i, channel] of channels.entries()) joined.set(channel, i * channel.length);
      await write(join(out, image), joined, head, channels.length);
      await write(join(out, mask), labels(head, "MSD"), head);
    },
  };
}

const numbered = (prefix: string, index: number, digits: number): string => prefix + String(index + 1).padStart(digits, "0");

/** Necrotic core 1, enhancing part 4 (3 in later releases), oedema 2. */
function labels(head: Head, layout: BratsLayout): Uint8Array {
  const { size, depth } = head;
  const enhancing = layout === "BraTS20" || layout === "BraTS21" ? 4 : 3;
  const out = new Uint8Array(size * size * depth);
  for (let at = 0; at < out.length; at++) {
    const level = lesionLevel(head, at % size, Math.floor(at / size) % size, Math.floor(at / (size * size)));
    if (level <= 1) out[at] = level < 0.4 ? 1 : level < 0.65 ? enhancing : 2;
  }
  return out;
}

/** As BraTS stores them: the first axis points left, the second to the back, 240×240×155 mm in all. */
async function write(path: string, data: Int16Array | Uint8Array, { size, depth }: Head, channels = 1): Promise<void> {
  const [across, up] = [240 / size, 155 / depth];
  const affine: Affine = [[-across, 0, 0, 0], [0, -across, 0, 239], [0, 0, up, 0], [0, 0, 0, 1]];
  await writeNifti(path, { data, shape: channels === 1 ? [size, size, depth] : [size, size, depth, channels], affine });
}
