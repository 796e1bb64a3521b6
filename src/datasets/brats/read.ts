import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { BadFile, ShapeMismatch, silent, stopIfAborted, type Progress } from "../../core/index.js";
import { readPng } from "../../io/index.js";
import { readMark } from "../generated/mark.js";
import { namesIn } from "../rated/listing.js";
import { splitFolders } from "./extract-patient.js";
import { readExtraction } from "./extraction.js";
import type { BrainSlice, BrainSlices, LoadedSlice, SliceProblem, SliceSplit } from "./image.js";

/**
 * Lists extracted slices: only `Healthy` and `Unhealthy` are classes, whatever else lies beside them.
 * @throws BadFile `not-found` when the folder or its Training_images and Testing_images are not there, `empty` when there is no slice
 * @example (await readBrainSlices("data/BraTS20")).slices.length // 1,124
 */
export async function readBrainSlices(root: string): Promise<BrainSlices> {
  const entries = await readdir(root).catch((cause: unknown) => {
    throw new BadFile("not-found", root, "does not exist", "Make it with: folio data make brats --from RELEASE --out DIR", { cause });
  });
  if (!Object.values(splitFolders).some((name) => entries.includes(name))) {
    throw new BadFile("not-found", root, "holds neither Training_images nor Testing_images", "Extract slices first: folio data make brats --from RELEASE --out DIR");
  }
  const masks = new Set(await namesIn(join(root, "Masks")));
  const problems: SliceProblem[] = [];
  const slices: BrainSlice[] = [];
  for (const split of ["train", "test"] as const) slices.push(...(await slicesOfSplit(root, split, masks, problems)));
  if (slices.length === 0) throw new BadFile("empty", root, "holds no slice", "Extract slices first: folio data make brats --from RELEASE --out DIR");
  const extraction = await readExtraction(root);
  for (const [patient, reason] of Object.entries(extraction?.skipped ?? {})) problems.push({ code: "skipped-patient", path: patient, message: reason });
  problems.push(...leaks(slices));
  return { root, name: extraction?.layout ?? basename(root), slices, problems, extraction, generated: await readMark(root) };
}

async function slicesOfSplit(root: string, split: SliceSplit, masks: ReadonlySet<string>, problems: SliceProblem[]): Promise<BrainSlice[]> {
  const found: BrainSlice[] = [];
  for (const label of ["healthy", "unhealthy"] as const) {
    const folder = join(splitFolders[split], label === "healthy" ? "Healthy" : "Unhealthy");
    for (const file of await namesIn(join(root, folder))) {
      const named = /^(.+)_(\d+)\.png$/.exec(file);
      if (named === null) {
        problems.push({ code: "stray-file", path: `${folder}/${file}`, message: "the name is not <patient>_<slice>.png" });
        continue;
      }
      const mask = masks.has(file) ? join(root, "Masks", file) : undefined;
      if (mask === undefined) problems.push({ code: "missing-mask", path: `Masks/${file}`, message: "the slice has no ground truth" });
      found.push({ id: file.slice(0, -4), patient: named[1], z: Number(named[2]), split, label, image: join(root, folder, file), mask });
    }
  }
  return found.sort((a, b) => (a.patient < b.patient ? -1 : a.patient > b.patient ? 1 : a.z - b.z));
}

function leaks(slices: readonly BrainSlice[]): SliceProblem[] {
  const of = (wanted: SliceSplit): Set<string> => new Set(slices.filter(({ split }) => split === wanted).map(({ patient }) => patient));
  const test = of("test");
  return [...of("train")].filter((patient) => test.has(patient)).map((patient) => (
    { code: "patient-in-both", path: patient, message: "the patient is in train and in test" }
  ));
}

/**
 * Reads a slice and its mask.
 * @throws BadFile what `readPng` throws, `unsupported` for a picture that is not grey; ShapeMismatch when the mask has another size
 */
export async function loadSlice(slice: BrainSlice): Promise<LoadedSlice> {
  const { width, height, data: image } = await readGrey(slice.image);
  const mask = slice.mask === undefined ? undefined : await readGrey(slice.mask);
  if (mask && (mask.width !== width || mask.height !== height)) throw new ShapeMismatch(slice.mask!, [height, width], [mask.height, mask.width]);
  return { slice, width, height, image, mask: mask?.data };
}

/** {@link loadSlice} for many, in order. */
export async function loadSlices(slices: readonly BrainSlice[], { progress = silent, signal }: { progress?: Progress; signal?: AbortSignal } = {}): Promise<LoadedSlice[]> {
  const loaded: LoadedSlice[] = [];
  const task = progress.begin("read slices", slices.length);
  for (let at = 0; at < slices.length; at += 16) {
    stopIfAborted(signal);
    loaded.push(...(await Promise.all(slices.slice(at, at + 16).map(loadSlice))));
    task.update(loaded.length);
  }
  task.end(`${loaded.length} slices`);
  return loaded;
}

async function readGrey(path: string): Promise<{ width: number; height: number; data: Uint8Array }> {
  const { width, height, channels, data } = await readPng(path);
  if (channels !== 1 || !(data instanceof Uint8Array)) throw new BadFile("unsupported", path, "is not an 8-bit grey picture", "Extract the slices again: folio data make brats");
  return { width, height, data };
}
