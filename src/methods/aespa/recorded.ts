import { BadFile, type MetricValue } from "../../core/index.js";
import type { Provenance, ResultRecord } from "../../results/index.js";
import type { PresetName } from "./config.js";

/** One system of a recording; every list has a number a seed. */
export interface RecordedSystem {
  /** `aespa`, `faithful`, `no-preference`, `spa` … */
  readonly system: string;
  readonly what: string;
  readonly seeds: readonly number[];
  readonly followFirst: readonly number[];
  readonly followLast: readonly number[];
  readonly delta: readonly number[];
  readonly diceMax: readonly number[];
  readonly ged: readonly number[];
  readonly personal: readonly number[];
  /** Of the training, mean over the seeds; null where nothing was trained. */
  readonly cpuSeconds: number | null;
}

/** What `npm run bench -- aespa --record FILE` wrote: AESPA and its ablations over seeds, always on generated slices. */
export interface Recording {
  readonly preset: PresetName;
  /** Training slices. */
  readonly images: number;
  readonly epochs: number;
  /** Test slices; every rater clicks on each. */
  readonly test: number;
  readonly provenance: Omit<Provenance, "inputs">;
  readonly systems: readonly RecordedSystem[];
}

const metrics = [
  { id: "dice_follow_first", of: "followFirst", convention: "p > 0.5, rater who clicks, before the first click" },
  { id: "dice_follow_last", of: "followLast", convention: "p > 0.5, rater who clicks, after the last round" },
  { id: "delta_follow_mean", of: "delta", convention: "dice_follow − dice_majority, mean of the rounds after a click" },
  { id: "dice_max", of: "diceMax", convention: "all rounds as the set, over valid raters" },
  { id: "ged", of: "ged", convention: "all rounds as the set, 1 − Dice, v" },
  { id: "dice_personal", of: "personal", convention: "p > 0.5, mean over valid raters, after the last round" },
] as const;

/**
 * A recording as result records, one a system and seed under the variant `recorded-<system>`, so that a report can set them in a table. They have
 * no cases: intervals over patients were not kept, those over seeds follow from the records.
 * @param hash SHA-256 of the recording's file
 * @throws BadFile when a system has not one number a seed
 */
export function recordedRecords(recording: Recording, { file, hash }: { readonly file: string; readonly hash: string }): ResultRecord[] {
  const { preset, images, epochs, test, provenance } = recording;
  return recording.systems.flatMap((each) => each.seeds.map((seed, at): ResultRecord => {
    const uneven = metrics.find(({ of }) => each[of].length !== each.seeds.length);
    if (uneven) throw new BadFile("bad-header", file, `${each.system} has ${each[uneven.of].length} numbers of ${uneven.of} and ${each.seeds.length} seeds`, "Record it anew: npm run bench -- aespa --record FILE");
    return {
      schema: "folio.result/1",
      id: `aespa-recorded-${each.system}-${preset}-seed${seed}`,
      method: "aespa",
      variant: `recorded-${each.system}`,
      dataset: { name: "lidc-small", generated: true, description: "Slices made by Folio; nobody was scanned." },
      split: "test",
      preset,
      seed,
      config: { what: each.what, images, epochs },
      cases: { columns: [], rows: [] },
      metrics: metrics.map(({ id, of, convention }): MetricValue => ({ id, convention, value: each[of][at], n: 3 * test, excluded: [] })),
      provenance: { ...provenance, inputs: { recording: hash } },
    };
  }));
}
