import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  BadFile,
  seededRandom,
  sha256File,
  silent,
  stopIfAborted,
  UsageError,
  writeJsonAtomic,
  type Progress,
  type Random,
} from "../../../core/index.js";
import { writeCsv, writeWav } from "../../../io/index.js";
import { markFile, readMark, type GeneratedMark } from "../mark.js";
import { syntheticMachines } from "./machines.js";
import { attributesTable, plan, record, type PlannedClip } from "./plan.js";
import { dcasePresets, type DcasePreset, type DcasePresetName } from "./presets.js";

export interface MakeDcaseOptions {
  /** Folder to write to; made when it is not there. */
  readonly out: string;
  /** `quick` unless given. */
  readonly preset?: DcasePresetName;
  /** 1 unless given. The same preset and seed give the same bytes everywhere. */
  readonly seed?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Raise it when a change here changes any byte that is written. */
const generatorVersion = 2;

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
  progress = silent,
  signal,
}: MakeDcaseOptions): Promise<GeneratedMark> {
  if (!Object.hasOwn(dcasePresets, preset))
    throw new UsageError(`makeDcase: there is no preset ${preset}; take one of ${Object.keys(dcasePresets).join(", ")}.`);
  const mark: GeneratedMark = {
    schema: "folio.generated/1",
    note: "Synthetic sounds made by `folio data make dcase`. No machine was recorded; say so beside every number made from them.",
    dataset: "dcase",
    preset,
    seed,
    generatorVersion,
    complete: false,
    files: {},
  };
  const before = await previous(out, mark);
  const clips = syntheticMachines.flatMap((machine) => plan(machine, dcasePresets[preset]));
  if (before?.complete === true && (await allThere(out, before, dcasePresets[preset]))) return before;
  await writeJsonAtomic(join(out, markFile), mark);
  const random = seededRandom(seed).stream("dcase").stream(preset);
  const files = await writeClips(out, clips, {
    random,
    preset: dcasePresets[preset],
    known: before !== undefined,
    progress,
    signal,
  });
  for (const machine of syntheticMachines) {
    const path = `${machine.name}/attributes_00.csv`;
    await writeCsv(join(out, path), attributesTable(clips.filter((clip) => clip.machine === machine)));
    files[path] = await sha256File(join(out, path));
  }
  const whole = { ...mark, complete: true, files };
  await writeJsonAtomic(join(out, markFile), whole);
  return whole;
}

interface Writing {
  readonly random: Random;
  readonly preset: DcasePreset;
  /** The folder was begun with these parameters: files that are there are whole. */
  readonly known: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

async function writeClips(
  out: string,
  clips: readonly PlannedClip[],
  { random, preset, known, progress, signal }: Writing,
): Promise<Record<string, string>> {
  const task = progress.begin("make dcase", clips.length);
  const files: Record<string, string> = {};
  for (const [done, clip] of clips.entries()) {
    stopIfAborted(signal, `${done} of ${clips.length} clips are written; run the same command again to go on.`);
    const path = join(out, clip.path);
    if (!known || !(await isFile(path))) {
      const scene = { length: preset.seconds * sampleRate, sampleRate, random: random.stream(clip.path) };
      await writeWav(path, { sampleRate, channels: [record(clip, scene)], format: "pcm16" });
    }
    files[clip.path] = await sha256File(path);
    task.update(done + 1, clip.machine.name);
  }
  task.end(`${clips.length} clips`);
  return files;
}

/** The mark of the same data where the folder holds it, whole or in part; undefined where there is nothing yet. */
async function previous(out: string, wanted: GeneratedMark): Promise<GeneratedMark | undefined> {
  const mark = await readMark(out);
  if (mark === undefined) {
    const there = await readdir(out).catch(() => []);
    if (there.length === 0) return undefined;
    throw new BadFile(
      "not-empty",
      out,
      "is not empty and was not made by this command",
      "Give another --out, so that nothing of yours is overwritten.",
    );
  }
  const same = (["dataset", "preset", "seed"] as const).every((key) => mark[key] === wanted[key]);
  if (!same) {
    const what = `holds generated data of ${mark.dataset}, preset ${mark.preset}, seed ${mark.seed}`;
    throw new BadFile("not-empty", out, what, "Give another --out, or delete the folder first.");
  }
  if (mark.generatorVersion === wanted.generatorVersion) return mark;
  for (const path of Object.keys(mark.files)) await rm(join(out, path), { force: true });
  return undefined;
}

async function allThere(out: string, { files }: GeneratedMark, { seconds }: DcasePreset): Promise<boolean> {
  const bytes = 44 + 2 * seconds * sampleRate;
  for (const path of Object.keys(files)) {
    const size = (await stat(join(out, path)).catch(() => undefined))?.size;
    if (size === undefined || (path.endsWith(".wav") && size !== bytes)) return false;
  }
  return true;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
