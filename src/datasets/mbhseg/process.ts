import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, ShapeMismatch, silent, stopIfAborted, writeFileAtomic, type Progress } from "../../core/index.js";
import { readNifti, writeNpy, writePng, type Nifti } from "../../io/index.js";
import { markFile } from "../generated/mark.js";
import type { RatedSplit } from "../rated/image.js";
import { folders, namesIn } from "../rated/listing.js";
import { classPlanes, mbhsegClasses } from "./classes.js";
import { windowBytes } from "./window.js";

/** `binary`: any bleeding. `multi`: one channel a class. */
export type MbhsegForm = "binary" | "multi";

export interface ProcessMbhsegOptions {
  /** `<raw>/{train,test}/<case>/` of NIfTI volumes: one whose name holds "image", the others are raters. */
  readonly raw: string;
  readonly out: string;
  readonly form?: MbhsegForm;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface ProcessedMbhseg {
  readonly cases: number;
  readonly slices: number;
  /** Cases without a marked slice, which the published code skips. */
  readonly skipped: readonly string[];
}

/**
 * Raw head CTs to windowed slices: `<out>/{train,test}/imgs/<case>/slice_<i>.png` and `…/gt/<case>/slice_<i>_r<id>.npy`.
 * A slice is kept when any rater marked a pixel in it. Rows are the array's first axis, columns its second, as stored
 * (no reorientation), so that our slices are those of the published script.
 *
 * @throws BadFile `not-found` for a split or an image volume, `bad-header` for two raters with one id, and what `readNifti` throws;
 *   ShapeMismatch when a mask does not have the image's shape; Interrupted between cases
 * @example await processMbhseg({ raw: "mbhseg-raw", out: "data/mbhseg-binary" }) // { cases: 8, slices: 61, skipped: [] }
 * @see AESPA spec §2.2
 */
export async function processMbhseg({ raw, out, form = "binary", progress = silent, signal }: ProcessMbhsegOptions): Promise<ProcessedMbhseg> {
  const cases: { split: RatedSplit; name: string }[] = [];
  for (const split of ["train", "test"] as const) {
    const names = await folders(join(raw, split), "Give the folder that holds train/ and test/ of the MBH-Seg release.");
    cases.push(...names.map((name) => ({ split, name })));
  }
  const task = progress.begin("window CT slices", cases.length);
  const skipped: string[] = [];
  let slices = 0;
  for (const [done, { split, name }] of cases.entries()) {
    stopIfAborted(signal, `${done} of ${cases.length} cases are written; run the same command again.`);
    const volumes = await readCase(join(raw, split, name));
    const written = await writeSlices(join(out, split), name, volumes, form);
    if (written === 0) skipped.push(`${split}/${name}`);
    slices += written;
    task.update(done + 1, name);
  }
  task.end(`${slices} slices`);
  // Slices of generated volumes are generated data too.
  const mark = await readFile(join(raw, markFile)).catch(() => undefined);
  if (mark !== undefined) await writeFileAtomic(join(out, markFile), mark);
  return { cases: cases.length - skipped.length, slices, skipped };
}

interface Volumes {
  readonly image: Nifti;
  readonly raters: ReadonlyMap<string, Nifti>;
}

async function readCase(folder: string): Promise<Volumes> {
  const files = (await namesIn(folder)).filter((name) => /\.nii(\.gz)?$/.test(name));
  const images = files.filter((name) => name.includes("image"));
  if (images.length !== 1) {
    const problem = `holds ${images.length} volumes with "image" in their name`;
    throw new BadFile(images.length === 0 ? "not-found" : "bad-header", folder, problem, "There must be exactly one; the others are raters.");
  }
  const image = await readNifti(join(folder, images[0]), { values: "scaled" });
  if (image.shape.length !== 3) throw new BadFile("unsupported", join(folder, images[0]), `has ${image.shape.length} axes`, "A CT volume has three.");
  const raters = new Map<string, Nifti>();
  for (const file of files.filter((name) => name !== images[0])) {
    const id = raterId(file);
    if (raters.has(id)) throw new BadFile("bad-header", join(folder, file), `is a second mask of rater ${id}`, "The rater is the last character before the first dot.");
    const mask = await readNifti(join(folder, file));
    if (mask.shape.join() !== image.shape.join()) throw new ShapeMismatch(join(folder, file), image.shape, mask.shape);
    raters.set(id, mask);
  }
  return { image, raters };
}

/** The last character before the first dot: `mask_r3.nii.gz` is rater 3. */
export const raterId = (file: string): string => file.split(".")[0].slice(-1);

async function writeSlices(split: string, name: string, { image, raters }: Volumes, form: MbhsegForm): Promise<number> {
  const [height, width, depth] = image.shape;
  let written = 0;
  for (let z = 0; z < depth; z++) {
    const masks = [...raters].map(([id, mask]) => ({ id, labels: slice(mask, z) }));
    if (!masks.some(({ labels }) => labels.some((label) => label > 0))) continue;
    for (const { id, labels } of masks) {
      const path = join(split, "gt", name, `slice_${z}_r${id}.npy`);
      if (form === "binary") await writeNpy(path, { shape: [height, width], data: Uint8Array.from(labels, (label) => (label > 0 ? 255 : 0)) });
      else await writeNpy(path, { shape: [height, width, mbhsegClasses], data: classPlanes(labels) });
    }
    await writePng(join(split, "imgs", name, `slice_${z}.png`), { width, height, channels: 1, depth: 8, data: windowBytes(slice(image, z)) });
    written++;
  }
  return written;
}

/** Axial slice z, row by row along the first axis. */
function slice({ data, shape: [height, width] }: Nifti, z: number): Float64Array {
  const values = new Float64Array(height * width);
  for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) values[i * width + j] = Number(data[i + height * (j + width * z)]);
  return values;
}
