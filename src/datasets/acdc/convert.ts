import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, ShapeMismatch, silent, stopIfAborted, writeFileAtomic, type Progress } from "../../core/index.js";
import { readNifti, writePng, type Nifti } from "../../io/index.js";
import { markFile } from "../generated/mark.js";
import { listChallenge, type AcdcPatient } from "./challenge.js";
import { writeSidecar, type SliceMeta } from "./sidecar.js";
import type { AcdcProblem, AcdcSplit } from "./slice.js";
import { defaultSplit, foldSplit, writeSplit } from "./split.js";

export interface ConvertAcdcOptions {
  /** The challenge's folder of NIfTI files. */
  readonly from: string;
  readonly out: string;
  /** A round of a five-fold cross-validation instead of the standard split. */
  readonly fold?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface ConvertedAcdc {
  readonly patients: number;
  readonly slices: number;
  readonly problems: readonly AcdcProblem[];
}

/** Intensities below and above these shares of a frame's voxels are clipped. */
const clipShares = [0.005, 0.995] as const;

/**
 * The challenge's NIfTI files to the layout that ASMR-seg reads: `<out>/patientNNN/{images,labels}/0.png …`, ED slices from the
 * first on, then ES. Row = y, column = x, no flips. Images are clipped to the 0.5–99.5 percentile of their frame and scaled to
 * 0–255; labels keep 0, 1, 2, 3. Spacing, phase and diagnosis go to `meta.json`, the patients' sides to `split.csv`.
 *
 * @throws BadFile, and what the NIfTI reader throws; ShapeMismatch when a label has another shape than its image; Interrupted
 * @example await convertAcdc({ from: "database", out: "data/acdc" }) // { patients: 150, slices: 2978, … }
 * @see ASMR-seg spec §2.3
 */
export async function convertAcdc({ from, out, fold, progress = silent, signal }: ConvertAcdcOptions): Promise<ConvertedAcdc> {
  const { patients, problems } = await listChallenge(from);
  const folds = fold === undefined ? undefined : foldSplit(patients.map(({ patient }) => patient), { fold });
  const sides: { patient: string; index: number; split: AcdcSplit }[] = [];
  const task = progress.begin("slice cardiac volumes", patients.length);
  for (const [done, each] of patients.entries()) {
    stopIfAborted(signal, `${done} of ${patients.length} patients are written; run the same command again.`);
    const count = await writePatient(out, each);
    const split = folds?.get(each.patient) ?? defaultSplit(each.patient);
    for (let index = 0; index < count; index++) sides.push({ patient: each.patient, index, split });
    task.update(done + 1, each.patient);
  }
  await writeSplit(out, sides);
  // Slices of generated volumes are generated data too.
  const mark = await readFile(join(from, markFile)).catch(() => undefined);
  if (mark !== undefined) await writeFileAtomic(join(out, markFile), mark);
  task.end(`${sides.length} slices`);
  return { patients: patients.length, slices: sides.length, problems };
}

async function writePatient(out: string, { patient, group, frames }: AcdcPatient): Promise<number> {
  const slices: SliceMeta[] = [];
  for (const { phase, image: imagePath, label: labelPath } of frames) {
    const image = await readNifti(imagePath, { values: "scaled" });
    const label = await readNifti(labelPath);
    const [width, height, depth] = image.shape;
    if (image.shape.length !== 3) throw new BadFile("unsupported", imagePath, `has ${image.shape.length} axes`, "A frame of the challenge has three.");
    if (label.shape.join() !== image.shape.join()) throw new ShapeMismatch(labelPath, image.shape, label.shape);
    const bytes = frameBytes(image.data as ArrayLike<number>);
    const classes = labelBytes(label, labelPath);
    for (let z = 0; z < depth; z++) {
      const index = slices.length;
      const plane = (values: Uint8Array): Uint8Array => values.subarray(z * width * height, (z + 1) * width * height);
      for (const [kind, values] of [["images", bytes], ["labels", classes]] as const)
        await writePng(join(out, patient, kind, `${index}.png`), { width, height, channels: 1, depth: 8, data: plane(values) });
      const [dx, dy, dz] = image.spacingMm;
      slices.push({ phase, z, spacing: [dx, dy, dz], origSize: [width, height] });
    }
  }
  await writeSidecar(out, patient, { group, slices });
  return slices.length;
}

/** A frame as bytes: x runs fastest in NIfTI, so row y and column x of the picture lie as they do in the file. */
export function frameBytes(values: ArrayLike<number>): Uint8Array {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const low = Math.floor(place);
    return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
  };
  const [low, high] = clipShares.map(at);
  const range = high - low || 1;
  return Uint8Array.from(values, (value) => Math.round((255 * (Math.min(high, Math.max(low, value)) - low)) / range));
}

function labelBytes({ data }: Nifti, path: string): Uint8Array {
  const values = Array.from(data as ArrayLike<number>);
  const odd = values.find((value) => !(Number.isInteger(value) && value >= 0 && value <= 3));
  if (odd !== undefined) throw new BadFile("bad-header", path, `holds the label ${odd}`, "ACDC has 0 background, 1 RV, 2 myocardium, 3 LV.");
  return Uint8Array.from(values);
}
