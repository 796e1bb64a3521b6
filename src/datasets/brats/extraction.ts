import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, canonicalJson } from "../../core/index.js";
import type { BratsLayout, Modality } from "./layout.js";
import type { SliceSplit } from "./image.js";
import type { SliceCounts } from "./extract-patient.js";
import type { SliceRules } from "./slice.js";

export const extractionFile = "extraction.json";

/** What stands beside extracted slices: how they were made, and which patients are done. */
export interface ExtractionRecord {
  readonly schema: "folio.extraction/1";
  readonly layout: BratsLayout;
  readonly modality: Modality;
  readonly rules: SliceRules;
  /** Fixes the patient split: Python's shuffle of the sorted ids, the first 80 % train. */
  readonly splitSeed: number;
  /** Every patient of the release, in sorted order; what is not in `done` or `skipped` is still to come. */
  readonly patients: readonly string[];
  readonly done: Readonly<Record<string, SliceCounts & { readonly split: SliceSplit; readonly orientation?: string }>>;
  /** Patients whose files could not be used, and why. */
  readonly skipped: Readonly<Record<string, string>>;
}

/** @throws BadFile `bad-header` when the file is there but is no extraction record */
export async function readExtraction(root: string): Promise<ExtractionRecord | undefined> {
  const path = join(root, extractionFile);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as ExtractionRecord;
    if (record.schema !== "folio.extraction/1" || !Array.isArray(record.patients)) throw new SyntaxError("another schema");
    return record;
  } catch (cause) {
    throw new BadFile("bad-header", path, "is not the record of an extraction", "Delete the folder and extract again.", { cause });
  }
}

type Identity = Pick<ExtractionRecord, "layout" | "modality" | "rules" | "splitSeed" | "patients">;

/** The setting in which two extractions differ, if any. */
export function otherSetting(a: Identity, b: Identity): string | undefined {
  return (["layout", "modality", "rules", "splitSeed", "patients"] as const).find((key) => canonicalJson([a[key]]) !== canonicalJson([b[key]]));
}
