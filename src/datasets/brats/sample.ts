import { extractBrats } from "./extract.js";
import type { ExtractionRecord } from "./extraction.js";
import { makeBrats, type MakeBratsOptions } from "./make.js";

/**
 * Generated volumes beside `out`, in `<out>-<modality>-raw`, and their slices in `out`: what `folio data make brats` does in two calls, of one modality, T2
 * unless another is named.
 * @example await makeBratsSlices({ out: "data/brats-quick", preset: "quick" })
 */
export async function makeBratsSlices({ out, modalities = ["t2"], ...options }: MakeBratsOptions): Promise<ExtractionRecord> {
  const raw = `${out}-${modalities[0]}-raw`;
  await makeBrats({ out: raw, modalities, ...options });
  return extractBrats({ from: raw, out, modality: modalities[0], progress: options.progress, signal: options.signal });
}
