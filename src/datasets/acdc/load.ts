import { BadFile, ShapeMismatch, silent, stopIfAborted, type Progress } from "../../core/index.js";
import { resizeBilinear, type ByteImage } from "../../signal/index.js";
import { readPicture, toGrey } from "../rated/pixels.js";
import { acdcClasses, type AcdcDataset, type AcdcSlice, type CineSlice } from "./slice.js";

export interface LoadAcdcOptions {
  /** Pixels a side. */
  readonly size: number;
  /** `crop-pad` about the centre keeps the pixels as they are; `resize` changes their spacing. `crop-pad` unless given. */
  readonly fit?: "crop-pad" | "resize";
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Reads every slice of a dataset. Label values must be 0–3, or at most four distinct ones over the whole dataset (0, 85, 170, 255 …),
 * which are then put in order; never per file, where a slice without RV would shift every class.
 *
 * @throws BadFile `bad-labels` for more than four distinct values; ShapeMismatch when a label has another size than its image
 * @example (await loadAcdc(dataset, { size: 48 })).filter(({ split }) => split === "test")
 * @see ASMR-seg spec §2.3, §2.5
 */
export async function loadAcdc(dataset: Pick<AcdcDataset, "root" | "slices">, { size, fit = "crop-pad", progress = silent, signal }: LoadAcdcOptions): Promise<CineSlice[]> {
  const { slices, root } = dataset;
  const task = progress.begin("read slices", slices.length);
  const pictures: { slice: AcdcSlice; image: ByteImage; label: ByteImage }[] = [];
  const values = new Set<number>();
  for (const slice of slices) {
    stopIfAborted(signal);
    const [image, label] = [toGrey(await readPicture(slice.image)), toGrey(await readPicture(slice.label))];
    if (image.width !== label.width || image.height !== label.height) throw new ShapeMismatch(slice.label, [image.height, image.width], [label.height, label.width]);
    for (const value of label.data) values.add(value);
    pictures.push({ slice, image, label });
    task.update(pictures.length);
  }
  const classOf = labelOrder(values, root);
  task.end(`${slices.length} slices`);
  return pictures.map(({ slice, image, label }) => fitted(slice, image, { ...label, data: label.data.map((value) => classOf.get(value)!) }, size, fit));
}

/** Which class each stored value is. @throws BadFile `bad-labels` */
export function labelOrder(values: Iterable<number>, root: string): Map<number, number> {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.every((value) => value < acdcClasses.length)) return new Map(sorted.map((value) => [value, value]));
  if (sorted.every((value) => value % 85 === 0)) return new Map(sorted.map((value) => [value, value / 85]));
  if (sorted.length <= acdcClasses.length) return new Map(sorted.map((value, rank) => [value, rank]));
  throw new BadFile("bad-labels", root, `has ${sorted.length} distinct label values (${sorted.slice(0, 8).join(", ")} …)`, "There can be four: background, RV, myocardium, LV.");
}

function fitted(slice: AcdcSlice, image: ByteImage, label: ByteImage, size: number, fit: "crop-pad" | "resize"): CineSlice {
  const { image: _image, label: _label, ...facts } = slice;
  if (fit === "crop-pad") {
    return { ...facts, size, image: Float32Array.from(cropOrPad(image, size), (level) => level / 255), label: cropOrPad(label, size) };
  }
  const [dx, dy, dz] = slice.spacingMm;
  const resized = resizeBilinear(image, size, size).data;
  return {
    ...facts, size,
    spacingMm: [(dx * image.width) / size, (dy * image.height) / size, dz],
    image: Float32Array.from(resized, (level) => level / 255),
    label: nearest(label, size),
  };
}

/** The middle size×size pixels, with zeros where the picture is smaller. The offset is ⌊(from − to)/2⌋, also when negative. */
export function cropOrPad({ width, height, data }: ByteImage, size: number): Uint8Array {
  const [top, left] = [Math.floor((height - size) / 2), Math.floor((width - size) / 2)];
  const out = new Uint8Array(size * size);
  for (let y = Math.max(0, -top); y < Math.min(size, height - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(size, width - left); x++) out[y * size + x] = data[(y + top) * width + x + left];
  }
  return out;
}

function nearest({ width, height, data }: ByteImage, size: number): Uint8Array {
  return Uint8Array.from({ length: size * size }, (_, i) => {
    const [y, x] = [Math.floor(((Math.floor(i / size) + 0.5) * height) / size), Math.floor((((i % size) + 0.5) * width) / size)];
    return data[y * width + x];
  });
}
