import { basename, relative } from "node:path";
import { BadFile, codeIdentity, packageRoot, sha256Folder, silent, stopIfAborted, type Progress } from "../../core/index.js";
import { readNifti, readNpy, readPng } from "../../io/index.js";
import { imagesByName, readLabelImage, scoreSegmentation } from "../../scoring/index.js";
import type { PanelArtifact, ResultRecord, StackArtifact } from "../../results/index.js";
import { viewAlong } from "../template/widgets/volume.js";
import { caseTable, recordOfScores } from "./from-scores.js";

export interface FolderSources {
  /** One folder of predicted masks a method; its name is the method's. */
  readonly predictions: readonly string[];
  readonly truths: string;
  /** Folder of the images the masks belong to, with the same file names; without them the pictures show masks alone. */
  readonly images?: string;
  readonly metrics: readonly string[];
  readonly clusterRegex?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Cases that get a picture in the report, and pixels a side. */
const [mostPictured, largestSide] = [60, 160];

/**
 * Scores folders of predicted masks against their truths, one record a folder; the first keeps a picture of each case, cut
 * where the truth is largest, with everybody's outline.
 * @throws BadFile naming what does not fit
 */
export async function recordsFromFolders(sources: FolderSources, now: Date): Promise<ResultRecord[]> {
  const { predictions, truths, metrics, clusterRegex, progress = silent, signal } = sources;
  const names = predictions.map((folder) => basename(folder));
  if (new Set(names).size !== names.length) throw new BadFile("duplicate-method", predictions.join(", "), "have one name twice", "A folder's name is its method's name: rename one of them.");
  const code = await codeIdentity();
  for (const folder of [truths, ...predictions]) await imagesByName(folder);
  const truthHash = await sha256Folder(truths);
  const records: ResultRecord[] = [];
  for (const [i, folder] of predictions.entries()) {
    const report = await scoreSegmentation({ predictions: folder, truths, metrics, ...(clusterRegex !== undefined && { clusterRegex }), seed: 1, progress, signal });
    const artifacts = i === 0 ? { artifacts: { cases: await pictures(sources, progress) } } : {};
    const at = (path: string): string => relative(packageRoot, path);
    const inputs = { predictions: await sha256Folder(folder), truth: truthHash };
    records.push({ ...recordOfScores(report.metrics, caseTable(report.cases), { method: names[i], inputs, paths: { predictions: at(folder), truth: at(truths) } }, now, code), ...artifacts });
  }
  return records;
}

async function pictures({ predictions, truths, images, signal }: FolderSources, progress: Progress): Promise<StackArtifact> {
  const folders = await Promise.all([truths, ...predictions].map(imagesByName));
  const shown = images === undefined ? undefined : await imagesByName(images);
  const cases = [...folders[0].keys()].slice(0, mostPictured);
  const task = progress.begin("Pictures of the cases", cases.length);
  const frames: StackArtifact["frames"][number][] = [];
  for (const [i, title] of cases.entries()) {
    stopIfAborted(signal, "No report was started.");
    const files = folders.map((found) => found.get(title));
    const volumes = await Promise.all(files.map((file) => (file === undefined ? undefined : sliceable(file, true))));
    const truth = volumes[0]!;
    const k = largest(truth);
    const file = shown?.get(title);
    const image = file === undefined ? undefined : await sliceable(file, false);
    if (image && image.shape.join() !== truth.shape.join()) throw new BadFile("wrong-geometry", file!, `has the shape ${image.shape.join(" × ")}, its truth ${truth.shape.join(" × ")}`, "Give the image that the masks were drawn on.");
    const slice = truth.slice(k);
    const overlays = volumes.flatMap((volume, v) => {
      const mask = volume?.slice(k);
      return mask?.values.some((value) => value > 0) ? [{ name: v === 0 ? "truth" : basename(predictions[v - 1]), draw: v === 1 ? ("fill" as const) : ("contour" as const), mask }] : [];
    });
    const picture: PanelArtifact = { title: truth.depth > 1 ? `slice ${k + 1} of ${truth.depth}` : "image", image: image?.slice(k) ?? { shape: slice.shape, values: slice.values.map(() => 0) }, overlays };
    frames.push({ title, pictures: [picture] });
    task.update(i + 1);
  }
  task.end(`${frames.length} cases`);
  return { unit: "case", frames };
}

interface Sliceable {
  readonly shape: readonly number[];
  readonly depth: number;
  slice(k: number): { readonly shape: readonly [number, number]; readonly values: number[] };
}

/** A file as axial slices: NIfTI in the radiologist's view, PNG and NPY as they lie. */
async function sliceable(file: string, mask: boolean): Promise<Sliceable> {
  if (/\.nii(\.gz)?$/i.test(file)) {
    const nifti = await readNifti(file);
    const view = viewAlong(nifti, "axial");
    return { shape: nifti.shape.filter((side) => side > 1), depth: view.depth, slice: (k) => view.slice(nifti.data, k) };
  }
  const { shape, values } = mask ? await labels(file) : await grey(file);
  const [depth, rows, columns] = shape.length === 3 ? shape : [1, ...shape];
  const step = Math.max(1, Math.ceil(Math.max(rows, columns) / largestSide));
  const [height, width] = [Math.ceil(rows / step), Math.ceil(columns / step)];
  return {
    shape, depth,
    slice: (k) => ({ shape: [height, width], values: Array.from({ length: height * width }, (_, i) => Number(values[(k * rows + Math.floor(i / width) * step) * columns + (i % width) * step])) }),
  };
}

async function labels(file: string): Promise<{ shape: readonly number[]; values: ArrayLike<number> }> {
  const { labels: values, grid } = await readLabelImage(file);
  return { shape: grid.shape, values };
}

async function grey(file: string): Promise<{ shape: readonly number[]; values: ArrayLike<number> }> {
  if (/\.npy$/i.test(file)) {
    const { shape, data } = await readNpy(file);
    return { shape: shape.filter((side) => side > 1), values: Array.from(data as ArrayLike<number | bigint>, Number) };
  }
  const { width, height, channels, data } = await readPng(file);
  return { shape: [height, width], values: Array.from({ length: height * width }, (_, i) => (channels < 3 ? data[i * channels] : 0.299 * data[i * channels] + 0.587 * data[i * channels + 1] + 0.114 * data[i * channels + 2])) };
}

/** The slice with most of the mask. */
function largest({ depth, slice }: Sliceable): number {
  let [best, most] = [Math.floor(depth / 2), 0];
  for (let k = 0; k < depth; k++) {
    const inside = slice(k).values.filter((value) => value > 0).length;
    if (inside > most) [best, most] = [k, inside];
  }
  return best;
}
