import type { LoadedSlice } from "../../datasets/index.js";
import { resizeBilinear } from "../../signal/index.js";
import type { RasaloreConfig } from "./config.js";

/** Rows and columns of an image, the last ones excluded. */
export interface CropBox {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** What stage 2 sees of one slice; bytes, row by row. */
export interface PreparedSlice {
  readonly id: string;
  readonly patient: string;
  /** S×S, after gamma, cropped. */
  readonly image: Uint8Array;
  /** The map (or any other mask) at S×S and 2S×2S. */
  readonly map: Uint8Array;
  readonly mapLarge: Uint8Array;
  /** The segmenter's mask at 2S×2S, 0 where there is none. */
  readonly segmenterLarge: Uint8Array;
  /** Ground truth at 2S×2S, 0 and 1, where the slice has one; for evaluation. */
  readonly truth: Uint8Array | undefined;
  readonly crop: CropBox;
}

interface Grey {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Gamma 2: ⌊(v/255)²·255⌋ in float32. @example gamma2(Uint8Array.of(128, 254)) // [64, 253] */
export function gamma2(image: Uint8Array): Uint8Array {
  const { fround } = Math;
  const table = Uint8Array.from({ length: 256 }, (_, v) => {
    const unit = fround(fround(v) / fround(255));
    return Math.trunc(fround(fround(unit * unit) * fround(255)));
  });
  return image.map((value) => table[value]);
}

/**
 * The part of a slice that holds the brain: rows and columns with any light. One that is narrower than `least` is widened
 * around its middle. Stays inside the image; undefined for a slice without light (spec §2.4, §8.16).
 * @param form `exclusive` loses the last row and column, as published
 */
export function brainCrop({ width, height, data }: Grey, least: number, form: "exclusive" | "inclusive"): CropBox | undefined {
  const rows: number[] = [];
  const columns = new Set<number>();
  for (let y = 0; y < height; y++) {
    let lit = false;
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue;
      lit = true;
      columns.add(x);
    }
    if (lit) rows.push(y);
  }
  if (rows.length === 0) return undefined;
  const [top, bottom] = [rows[0], rows.at(-1)!];
  const [left, right] = [Math.min(...columns), Math.max(...columns)];
  if (rows.length >= least && columns.size >= least) {
    const beyond = form === "inclusive" ? 1 : 0;
    return { top, bottom: bottom + beyond, left, right: right + beyond };
  }
  const widened = (low: number, high: number, limit: number): [number, number] => {
    const pad = Math.max(0, Math.floor(least / 2) - Math.floor((high - low) / 2));
    return [Math.max(0, low - pad), Math.min(limit, high + pad + (form === "inclusive" ? 1 : 0))];
  };
  const [rowFrom, rowTo] = widened(top, bottom, height);
  const [columnFrom, columnTo] = widened(left, right, width);
  return { top: rowFrom, bottom: Math.max(rowFrom + 1, rowTo), left: columnFrom, right: Math.max(columnFrom + 1, columnTo) };
}

export interface PseudoMaskBytes {
  /** The heat map, any square size. */
  readonly map: { readonly size: number; readonly data: Uint8Array };
  /** 0 and 255, any square size. */
  readonly segmenter?: { readonly size: number; readonly data: Uint8Array };
}

/**
 * Gamma, crop to the brain, resize (spec §2.4, steps 1–5). Without pseudo masks the slice is prepared for prediction.
 * @returns undefined for a slice without light
 */
export function prepareSlice(loaded: LoadedSlice, { network, guide, form }: RasaloreConfig, masks?: PseudoMaskBytes): PreparedSlice | undefined {
  const { slice, width, height } = loaded;
  const image = { width, height, data: gamma2(loaded.image) };
  const crop = brainCrop(image, guide.minCrop, form.crop);
  if (crop === undefined) return undefined;
  const [small, large] = [network.imageSize, 2 * network.imageSize];
  const nothing = (size: number): Uint8Array => new Uint8Array(size * size);
  const map = masks && cut(resized(square(masks.map), width, height), crop);
  // The published code cuts the segmenter's 256-pixel grid with indices of the 240-pixel image.
  const grid = form.alignment === "legacy" ? { width: Math.round((width * 256) / 240), height: Math.round((height * 256) / 240) } : { width, height };
  const segmenter = masks?.segmenter && cut(resized(square(masks.segmenter), grid.width, grid.height), crop);
  return {
    id: slice.id,
    patient: slice.patient,
    image: resized(cut(image, crop), small, small).data,
    map: map ? resized(map, small, small).data : nothing(small),
    mapLarge: map ? resized(map, large, large).data : nothing(large),
    segmenterLarge: segmenter ? resized(segmenter, large, large).data : nothing(large),
    truth: loaded.mask && reference(cut({ width, height, data: loaded.mask }, crop), network.imageSize, form.reference),
    crop,
  };
}

/** How many pixels of the image a map marks; training leaves out slices with few. */
export function mapArea(map: PseudoMaskBytes["map"], width: number, height: number): number {
  return resized(square(map), width, height).data.reduce((count, value) => count + (value > 127.5 ? 1 : 0), 0);
}

/**
 * Ground truth at the size of the prediction. `dilated` first cuts at S×S and then counts every pixel of 2S×2S that a linear
 * enlargement touches, as published: the reference is about a pixel too wide. `half` resizes once and cuts at ½.
 */
export function reference(mask: Grey, imageSize: number, form: "dilated" | "half"): Uint8Array {
  const large = 2 * imageSize;
  if (form === "half") return resized(mask, large, large).data.map((value) => (value > 127.5 ? 1 : 0));
  const small = resized(mask, imageSize, imageSize).data;
  const inside = (y: number, x: number): boolean => small[Math.min(imageSize - 1, Math.max(0, y)) * imageSize + Math.min(imageSize - 1, Math.max(0, x))] > 127.5;
  return Uint8Array.from({ length: large * large }, (_, i) => {
    const [y, x] = [Math.floor(i / large), i % large];
    // Doubling takes ¾ of the own pixel and ¼ of the neighbour on this side, along both axes.
    const [dy, dx] = [y % 2 === 0 ? -1 : 1, x % 2 === 0 ? -1 : 1];
    const [sy, sx] = [y >> 1, x >> 1];
    return inside(sy, sx) || inside(sy + dy, sx) || inside(sy, sx + dx) || inside(sy + dy, sx + dx) ? 1 : 0;
  });
}

const square = ({ size, data }: { readonly size: number; readonly data: Uint8Array }): Grey => ({ width: size, height: size, data });

export function resized(image: Grey, width: number, height: number): Grey {
  return { width, height, data: resizeBilinear({ ...image, channels: 1 }, width, height).data };
}

/** A crop; what lies outside the image is 0. */
export function cut({ width, height, data }: Grey, { top, bottom, left, right }: CropBox): Grey {
  const [rows, columns] = [bottom - top, right - left];
  const out = new Uint8Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const [sy, sx] = [top + y, left + x];
      if (sy < height && sx < width) out[y * columns + x] = data[sy * width + sx];
    }
  }
  return { width: columns, height: rows, data: out };
}
