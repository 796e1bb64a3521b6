import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, ShapeMismatch } from "../../core/index.js";
import { encodePng, readNifti, type Nifti } from "../../io/index.js";
import type { SliceSplit } from "./image.js";
import { axialSlice, sliceBytes, sliceKind, slicesOf, type SliceKind, type SliceRules } from "./slice.js";
import type { PatientFiles } from "./volumes.js";

export const splitFolders: Readonly<Record<SliceSplit, string>> = { train: "Training_images", test: "Testing_images" };

export interface PatientJob extends PatientFiles {
  readonly out: string;
  readonly split: SliceSplit;
  readonly rules: SliceRules;
}

/** How many slices of each kind a patient has; ambiguous ones are not written. */
export type SliceCounts = Readonly<Record<SliceKind, number>>;

export interface ExtractedPatient {
  readonly counts: SliceCounts;
  /** To which side of the body the volume's axes point, such as `LPS`; undefined where the file does not say. Rows and columns of the slices are the first two. */
  readonly orientation: string | undefined;
}

/**
 * Writes one patient's slices as 8-bit grey PNGs: images by split and kind, masks of 0 and 255 together.
 * @throws BadFile what `readNifti` throws, `unsupported` for another number of axes, `corrupt-data` for voxels that are no numbers
 * @throws ShapeMismatch when the mask does not have the scan's shape
 */
export async function extractPatient({ patient, volume, channel, mask, out, split, rules }: PatientJob): Promise<ExtractedPatient> {
  const scan = await readNifti(volume, { values: "scaled", precision: "float64" });
  const axes = channel === undefined ? 3 : 4;
  const shape = scan.shape.slice(0, 3);
  if (scan.shape.length !== axes && !(axes === 3 && scan.shape.slice(3).every((side) => side === 1))) {
    throw new BadFile("unsupported", volume, `has ${scan.shape.length} axes`, `A scan of this layout has ${axes}.`);
  }
  if (channel !== undefined && channel >= scan.shape[3]) throw new BadFile("unsupported", volume, `holds ${scan.shape[3]} modalities`, "MSD Task01 has four: FLAIR, T1, T1ce, T2.");
  const labels = await readNifti(mask);
  if (labels.shape.slice(0, 3).join() !== shape.join()) throw new ShapeMismatch(mask, shape, labels.shape);
  const folders = { healthy: join(out, splitFolders[split], "Healthy"), unhealthy: join(out, splitFolders[split], "Unhealthy"), masks: join(out, "Masks") };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  const counts = { healthy: 0, unhealthy: 0, ambiguous: 0 };
  for (const z of slicesOf(shape[2], rules)) {
    const marked = Uint8Array.from(axialSlice(labels as Nifti & { data: ArrayLike<number> }, z), (label) => (label > 0 ? 255 : 0));
    const kind = sliceKind(marked.reduce((sum, value) => sum + value / 255, 0), rules);
    counts[kind]++;
    if (kind === "ambiguous") continue;
    const values = axialSlice(scan as Nifti & { data: ArrayLike<number> }, z, channel);
    if (!values.every(Number.isFinite)) throw new BadFile("corrupt-data", volume, `holds a voxel that is no number in slice ${z}`, "Repair or leave out this scan.");
    const png = (data: Uint8Array): Uint8Array => encodePng({ width: shape[1], height: shape[0], channels: 1, data });
    // Plain writes: a patient counts as done only when all of its slices are there, so a half-written one is written again.
    await writeFile(join(folders[kind], `${patient}_${z}.png`), png(sliceBytes(values)));
    await writeFile(join(folders.masks, `${patient}_${z}.png`), png(marked));
  }
  return { counts, orientation: scan.affineFrom === "zooms" ? undefined : scan.orientation };
}
