import { join } from "node:path";
import { UsageError } from "../../../core/index.js";
import { writeCsv, writeWav } from "../../../io/index.js";
import { writeGenerated, type MakeOptions, type PlannedGroup } from "../../generated/folder.js";
import type { GeneratedMark } from "../../generated/mark.js";
import { syntheticMachines, type SyntheticMachine } from "./machines.js";
import { attributesTable, plan, record } from "./plan.js";
import { dcasePresets, type DcasePreset, type DcasePresetName } from "./presets.js";

/** Raise it when a change here changes any byte that is written. */
const generatorVersion = 3;

const sampleRate = 16000;

/**
 * Writes synthetic machine recordings in the DCASE Task 2 layout: three machines, normal and anomalous, two domains,
 * attributes (see `data/cards/dcase.md` and {@link syntheticMachines} for what one hears). 16 kHz, PCM16, mono.
 *
 * Files are written whole or not at all, and a folder begun with the same preset and seed is completed, so a killed run
 * goes on where it stopped; a complete one is only looked at, one of an older generator is made anew.
 * `GENERATED.json` marks the folder from the first moment.
 *
 * @returns the mark that now stands in the folder
 * @throws UsageError for an unknown preset; BadFile `not-empty` when the folder holds something else; Interrupted
 * @example await makeDcase({ out: "data/dcase-quick", preset: "quick", seed: 1 }) // 240 clips of 1 s
 * @see ASTRA spec §9
 */
export async function makeDcase({
  out,
  preset = "quick",
  seed = 1,
  ...options
}: MakeOptions<DcasePresetName>): Promise<GeneratedMark> {
  if (!Object.hasOwn(dcasePresets, preset))
    throw new UsageError(`makeDcase: there is no preset ${preset}; take one of ${Object.keys(dcasePresets).join(", ")}.`);
  const note =
    "Synthetic sounds made by `folio data make dcase`. No machine was recorded; say so beside every number made from them.";
  const groups = syntheticMachines.flatMap((machine) => machineGroups(machine, dcasePresets[preset]));
  return writeGenerated(out, { note, dataset: "dcase", preset, seed, generatorVersion }, groups, options);
}

/** A group a clip, so that a stopped run loses one clip at most, and one for the CSV. */
function machineGroups(machine: SyntheticMachine, preset: DcasePreset): PlannedGroup[] {
  const clips = plan(machine, preset);
  const csv = `${machine.name}/attributes_00.csv`;
  const groups = clips.map((clip): PlannedGroup => ({
    name: clip.path,
    paths: [clip.path],
    write: async (out, random) => {
      const samples = record(clip, { length: preset.seconds * sampleRate, sampleRate, random });
      await writeWav(join(out, clip.path), { sampleRate, channels: [samples], format: "pcm16" });
    },
  }));
  return [...groups, { name: csv, paths: [csv], write: (out) => writeCsv(join(out, csv), attributesTable(clips)) }];
}
