import { BadFile, silent, type Progress } from "../../core/index.js";
import { publishedRules, sliceBytes, slicesOf, type LoadedSlice, type SliceRules } from "../../datasets/index.js";
import { readNifti, writeNifti } from "../../io/index.js";
import type { DdptModel } from "./ddpt-model.js";
import { predictDdpt } from "./ddpt-predict.js";
import type { RasaloreModel } from "./network.js";
import { placeBack } from "./place-back.js";
import { predictPrepared } from "./predict.js";
import { prepareSlice } from "./prepare.js";
import type { TensorFlow } from "./tensorflow.js";
import { turned } from "./turn.js";

export interface VolumeOptions {
  readonly tf: TensorFlow;
  readonly model: RasaloreModel;
  /** Tells which slices are unhealthy; without it every slice is segmented. */
  readonly ddpt?: DdptModel;
  /** A NIfTI scan of three axes, in the modality the model was trained on. */
  readonly scan: string;
  readonly out: string;
  readonly rules?: SliceRules;
  /** How the volumes of training lay: `LPS`, as BraTS is stored, unless given. */
  readonly orientation?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface SegmentedVolume {
  readonly slices: number;
  readonly unhealthy: number;
  readonly voxels: number;
  readonly volumeMl: number;
}

/**
 * Segments a whole scan slice by slice and writes a mask of 0 and 1 in the scan's own grid: same shape, same affine. A scan whose axes point elsewhere than
 * those of the training volumes is looked at as if they pointed alike; one whose file does not say where they point is taken as it is.
 * @throws BadFile for a scan that cannot be read or has other than three axes; Interrupted, with nothing written
 */
export async function segmentVolume({ tf, model, ddpt, scan: path, out, rules = publishedRules, orientation = "LPS", progress = silent, signal }: VolumeOptions): Promise<SegmentedVolume> {
  const scan = await readNifti(path, { values: "scaled", precision: "float64" });
  if (scan.shape.length !== 3 || scan.components !== 1) throw new BadFile("unsupported", path, `has ${scan.shape.length} axes`, "Give one modality of one scan: three axes, one number a voxel.");
  const data = scan.data as ArrayLike<number>;
  const { shape: [height, width, depth], at } = turned(scan.shape, scan.affineFrom === "zooms" ? orientation : scan.orientation, orientation);
  const loaded = slicesOf(depth, rules).map((z): LoadedSlice => {
    const values = Float64Array.from({ length: height * width }, (_, n) => data[at(Math.floor(n / width), n % width, z)]);
    if (!values.every(Number.isFinite)) throw new BadFile("corrupt-data", path, `holds a voxel that is no number in slice ${z}`, "Repair the scan first.");
    return { slice: { id: `slice_${z}`, patient: path, z, split: "test", label: "unhealthy", image: path, mask: undefined }, width, height, image: sliceBytes(values), mask: undefined };
  });
  const classes = ddpt && (await predictDdpt(tf, ddpt, loaded, model.config.form.map, { progress, signal }));
  const chosen = loaded.flatMap((slice, i) => {
    if (classes && classes[i].unhealthy <= 0.5) return [];
    const prepared = prepareSlice(slice, model.config);
    return prepared ? [{ z: slice.slice.z, prepared }] : [];
  });
  const predictions = await predictPrepared(tf, model, chosen.map(({ prepared }) => prepared), { progress, signal });
  const mask = new Uint8Array(height * width * depth);
  for (const [i, { z, prepared }] of chosen.entries()) {
    const whole = placeBack(predictions[i].probability, 2 * model.config.network.imageSize, prepared.crop, height, width);
    for (let row = 0; row < height; row++) for (let column = 0; column < width; column++) if (whole[row * width + column] > 0.5) mask[at(row, column, z)] = 1;
  }
  await writeNifti(out, { data: mask, shape: scan.shape, affine: scan.affine, description: "RASALoRE tumour mask (Folio)" });
  const voxels = mask.reduce((sum, x) => sum + x, 0);
  return { slices: loaded.length, unhealthy: chosen.length, voxels, volumeMl: (voxels * scan.spacingMm.reduce((product, mm) => product * mm, 1)) / 1000 };
}
