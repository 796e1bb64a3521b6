import { readFile } from "node:fs/promises";
import { BadFile, sha256, writeJsonAtomic, type Random } from "../../core/index.js";
import type { CineSlice } from "../../datasets/index.js";
import { drawIndex } from "./column-masks.js";

/** Which slices an episode draws how often: rare combinations of structures as often as common ones. */
export interface SliceSampler {
  readonly weights: readonly number[];
  /** Combination of every slice: RV 1 + MYO 2 + LV 4. */
  readonly bins: readonly number[];
  /** Slices in each combination, 0 … 7. */
  readonly counts: readonly number[];
  /** Identifies the slices it was made for. */
  readonly split_hash: string;
}

/** RV 1 + MYO 2 + LV 4, of those that the slice shows. */
export function presenceBin(label: Uint8Array): number {
  const seen = new Set(label);
  return [1, 2, 3].reduce((bin, structure, i) => bin + (seen.has(structure) ? 2 ** i : 0), 0);
}

/**
 * Weights 1/|bin|.
 * @example samplerWeights([0, 7, 7, 7, 6, 6, 0, 0]) // [1/3, 1/3, 1/3, 1/3, 1/2, 1/2, 1/3, 1/3]
 * @see ASMR-seg spec §4.4, vector 12; rl/gen_sampler.py
 */
export function samplerWeights(bins: readonly number[]): number[] {
  const counts = countBins(bins);
  return bins.map((bin) => 1 / counts[bin]);
}

function countBins(bins: readonly number[]): number[] {
  const counts = Array.from({ length: Math.max(8, ...bins.map((bin) => bin + 1)) }, () => 0);
  for (const bin of bins) counts[bin]++;
  return counts;
}

/** A sampler from labels alone; nothing else of a slice is looked at. */
export function makeSampler(slices: readonly Pick<CineSlice, "id" | "label">[]): SliceSampler {
  const bins = slices.map(({ label }) => presenceBin(label));
  return { weights: samplerWeights(bins), bins, counts: countBins(bins), split_hash: splitHash(slices) };
}

const splitHash = (slices: readonly Pick<CineSlice, "id">[]): string => sha256(slices.map(({ id }) => id).join("\n"));

export async function writeSampler(path: string, sampler: SliceSampler): Promise<void> {
  await writeJsonAtomic(path, sampler);
}

/**
 * A sampler from its file.
 * @throws BadFile `not-found`, `bad-header`; `other-slices` when it was made for other slices
 */
export async function readSampler(path: string, slices: readonly Pick<CineSlice, "id">[]): Promise<SliceSampler> {
  const remedy = "Make it anew: folio train asmr writes it.";
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new BadFile("not-found", path, "is not there", remedy, { cause });
  });
  let sampler: Partial<SliceSampler>;
  try {
    sampler = JSON.parse(text) as Partial<SliceSampler>;
  } catch (cause) {
    throw new BadFile("bad-header", path, "is not a sampler", remedy, { cause });
  }
  if (!Array.isArray(sampler.weights) || !sampler.weights.every((w) => typeof w === "number" && w >= 0)) throw new BadFile("bad-header", path, "is not a sampler", remedy);
  if (sampler.weights.length !== slices.length || sampler.split_hash !== splitHash(slices))
    throw new BadFile("other-slices", path, `was made for ${sampler.weights.length} other slices than these ${slices.length}`, remedy);
  return sampler as SliceSampler;
}

/** Positions of `count` slices, with replacement. */
export function drawSlices(weights: ArrayLike<number>, count: number, random: Random): number[] {
  return Array.from({ length: count }, () => drawIndex(weights, random));
}
