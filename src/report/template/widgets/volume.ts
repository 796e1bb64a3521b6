import { resolve } from "node:path";
import { readNifti, type Nifti } from "../../../io/index.js";
import type { PanelArtifact } from "../../../results/index.js";
import type { HelperArguments } from "../arguments.js";
import type { HelperContext } from "../render.js";
import { stackWidget } from "./stack.js";
import type { Widget } from "./widget.js";

/** Slices that a page holds at most, evenly apart, and pixels a side. */
const [mostSlices, largestSide] = [64, 160];

/**
 * `{{volume id="fig-scan" file="scan.nii.gz" masks="truth=truth.nii.gz, ours=ours.nii.gz" axis="axial" window="-100, 300" caption="…"}}`:
 * a NIfTI image, slice by slice, with the outlines of masks. Files are found from the report's folder. Slices without any
 * mask are left out with `only="masked"`.
 */
export async function volumeOf(id: string, args: HelperArguments, context: HelperContext): Promise<Widget> {
  const folder = resolve(context.folder);
  const file = resolve(folder, args.text("file", "scan.nii.gz"));
  const named = args.list("masks").map((item) => {
    const [name, path] = item.includes("=") ? item.split("=", 2) : [item, item];
    return { name: name.trim(), path: resolve(folder, path.trim()) };
  });
  const axis = args.oneOf("axis", ["axial", "coronal", "sagittal"], "axial");
  const window = args.list("window").map(Number);
  const only = args.oneOf("only", ["all", "masked"], "all");
  const generated = args.flag("generated");
  const shown = args.list("print");
  const alt = args.optional("alt");
  const options = { id, caption: args.text("caption", "What it shows"), generated, ...(alt !== undefined && { alt }) };
  args.close();
  if (window.length !== 0 && (window.length !== 2 || !window.every(Number.isFinite))) throw args.fault('needs two numbers for window, for example window="-100, 300"');
  const image = await readNifti(file);
  const masks = await Promise.all(named.map(async ({ name, path }) => ({ name, path, volume: await readNifti(path) })));
  for (const { name, path, volume } of masks) {
    if (spatial(volume).join() !== spatial(image).join()) throw args.fault(`finds a mask "${name}" of ${spatial(volume).join(" × ")} voxels (${path}) for an image of ${spatial(image).join(" × ")}`);
  }
  const view = viewAlong(image, axis);
  const range = window.length === 2 ? ([window[0], window[1]] as const) : percentiles(image.data);
  const slices = Array.from({ length: view.depth }, (_, k) => k).filter((k) => only === "all" || masks.some(({ volume }) => view.slice(volume.data, k).values.some((value) => value > 0)));
  const kept = evenly(slices, mostSlices);
  if (kept.length === 0) throw args.fault('finds no slice with a mask; leave only="masked" out');
  return stackWidget({ options }, {
    unit: "slice", listed: false, shown,
    frames: kept.map((k) => ({
      title: `Slice ${k + 1} of ${view.depth}`,
      facts: masks.map(({ name, volume }) => [`${name}, voxels`, view.count(volume.data, k)] as const),
      pictures: [{
        title: axis, image: view.slice(image.data, k), range, orientation: view.letters,
        overlays: masks.flatMap(({ name, volume }) => {
          const mask = view.slice(volume.data, k);
          return mask.values.some((value) => value > 0) ? [{ name, draw: "contour" as const, mask }] : [];
        }),
      } satisfies PanelArtifact],
    })),
  });
}

const spatial = ({ shape }: Nifti): number[] => [0, 1, 2].map((axis) => shape[axis] ?? 1);

export interface View {
  readonly depth: number;
  readonly letters: readonly [left: string, right: string, top: string, bottom: string];
  /** Slice `k` as it is shown, coarser where the image is large. */
  slice(data: ArrayLike<number>, k: number): { readonly shape: readonly [number, number]; readonly values: number[] };
  /** Voxels above 0 in slice `k`, all of them. */
  count(data: ArrayLike<number>, k: number): number;
}

const opposite: Readonly<Record<string, string>> = { R: "L", L: "R", A: "P", P: "A", S: "I", I: "S" };
/** Where the left edge and the top edge of the screen lie, as radiologists look at slices. */
const screen = { axial: ["R", "A"], coronal: ["R", "S"], sagittal: ["A", "S"] } as const;

/** Cuts across the body's own axis, whatever order and direction the file's axes have; pixels are square in millimetres. */
export function viewAlong({ shape, orientation, spacingMm }: Nifti, axis: keyof typeof screen): View {
  const [left, top] = screen[axis];
  const find = (letter: string): { axis: number; toward: boolean } => {
    const at = [...orientation].findIndex((own) => own === letter || own === opposite[letter]);
    return { axis: at, toward: orientation[at] === letter };
  };
  const [across, down] = [find(left), find(top)];
  const sides = [0, 1, 2].map((i) => shape[i] ?? 1);
  const through = [0, 1, 2].find((i) => i !== across.axis && i !== down.axis)!;
  const strides = [1, sides[0], sides[0] * sides[1]];
  const extent = [across, down].map((one) => sides[one.axis] * spacingMm[one.axis]);
  const pixelMm = Math.max(Math.min(spacingMm[across.axis], spacingMm[down.axis]), Math.max(...extent) / largestSide);
  // The file's axis grows towards its letter; the screen's first column lies at `left`.
  const places = ([across, down] as const).map((one, i) => {
    const count = Math.max(1, Math.round(extent[i] / pixelMm));
    return Array.from({ length: count }, (_, pixel) => {
      const voxel = Math.min(sides[one.axis] - 1, Math.floor(((pixel + 0.5) * sides[one.axis]) / count));
      return (one.toward ? sides[one.axis] - 1 - voxel : voxel) * strides[one.axis];
    });
  });
  const [columns, rows] = places;
  return {
    depth: sides[through],
    letters: [left, opposite[left], top, opposite[top]],
    slice: (data, k) => ({ shape: [rows.length, columns.length], values: rows.flatMap((row) => columns.map((column) => data[row + column + k * strides[through]])) }),
    count(data, k) {
      let inside = 0;
      for (let i = 0; i < sides[across.axis]; i++) for (let j = 0; j < sides[down.axis]; j++) if (data[i * strides[across.axis] + j * strides[down.axis] + k * strides[through]] > 0) inside++;
      return inside;
    },
  };
}

/** The middle 98 % of the values, from a sample of them. */
function percentiles(data: ArrayLike<number>): readonly [number, number] {
  const stride = Math.max(1, Math.floor(data.length / 20_000));
  const sample: number[] = [];
  for (let i = 0; i < data.length; i += stride) if (Number.isFinite(data[i])) sample.push(data[i]);
  sample.sort((a, b) => a - b);
  return [sample[Math.floor(0.01 * (sample.length - 1))] ?? 0, sample[Math.ceil(0.99 * (sample.length - 1))] ?? 1];
}

function evenly(list: readonly number[], most: number): number[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, i) => list[Math.round((i * (list.length - 1)) / (most - 1))]);
}
