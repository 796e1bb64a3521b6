import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  BadFile,
  seededRandom,
  sha256File,
  silent,
  stopIfAborted,
  writeJsonAtomic,
  type Progress,
  type Random,
} from "../../core/index.js";
import { markFile, readMark, type GeneratedMark } from "./mark.js";

/** What every generator takes. */
export interface MakeOptions<Preset extends string> {
  /** Folder to write to; made when it is not there. */
  readonly out: string;
  /** `quick` unless given. */
  readonly preset?: Preset;
  /** 1 unless given. The same preset and seed give the same bytes everywhere. */
  readonly seed?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Files that come from one draw, such as a slice and its masks. */
export interface PlannedGroup {
  /** Names its random numbers, so that no group changes another. */
  readonly name: string;
  /** Relative, with "/" between parts. */
  readonly paths: readonly string[];
  /** Writes exactly those paths below `out`. */
  readonly write: (out: string, random: Random) => Promise<void>;
}

type Identity = Pick<GeneratedMark, "note" | "dataset" | "preset" | "seed" | "generatorVersion">;

/**
 * Writes a planned data folder. `GENERATED.json` marks it from the first moment; a folder begun with the same settings is
 * completed, one that an older generator made is made anew, and one that holds something else is left alone.
 *
 * @returns the mark that now stands in the folder
 * @throws BadFile `not-empty`; Interrupted between groups
 */
export async function writeGenerated(
  out: string,
  identity: Identity,
  groups: readonly PlannedGroup[],
  { progress = silent, signal }: { progress?: Progress; signal?: AbortSignal },
): Promise<GeneratedMark> {
  const before = await previous(out, identity);
  if (before?.complete === true && (await allThere(out, Object.keys(before.files)))) return before;
  const mark: GeneratedMark = { schema: "folio.generated/1", ...identity, complete: false, files: {} };
  await writeJsonAtomic(join(out, markFile), mark);
  const random = seededRandom(identity.seed).stream(identity.dataset).stream(identity.preset);
  const task = progress.begin(`make ${identity.dataset}`, groups.length);
  const files: Record<string, string> = {};
  for (const [done, group] of groups.entries()) {
    stopIfAborted(signal, `${done} of ${groups.length} parts are written; run the same command again to go on.`);
    if (before === undefined || !(await allThere(out, group.paths))) await group.write(out, random.stream(group.name));
    for (const path of group.paths) files[path] = await sha256File(join(out, path));
    task.update(done + 1, group.name);
  }
  task.end(`${Object.keys(files).length} files`);
  const whole = { ...mark, complete: true, files };
  await writeJsonAtomic(join(out, markFile), whole);
  return whole;
}

/** The mark of the same data where the folder holds it, whole or in part; undefined where there is nothing yet. */
async function previous(out: string, wanted: Identity): Promise<GeneratedMark | undefined> {
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
  if ((["dataset", "preset", "seed"] as const).some((key) => mark[key] !== wanted[key])) {
    const what = `holds generated data of ${mark.dataset}, preset ${mark.preset}, seed ${mark.seed}`;
    throw new BadFile("not-empty", out, what, "Give another --out, or delete the folder first.");
  }
  if (mark.generatorVersion === wanted.generatorVersion) return mark;
  for (const path of Object.keys(mark.files)) await rm(join(out, path), { force: true });
  return undefined;
}

async function allThere(out: string, paths: readonly string[]): Promise<boolean> {
  const found = await Promise.all(paths.map((path) => stat(join(out, path)).then((file) => file.size > 0, () => false))); // prettier-ignore
  return found.every(Boolean);
}
