import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { folders, namesIn } from "../rated/listing.js";
import type { AcdcProblem, CardiacPhase } from "./slice.js";

/** One 3-D image of the challenge with its labels. */
export interface AcdcFrame {
  readonly phase: CardiacPhase;
  /** Number of the frame in the cine, from 1. */
  readonly frame: number;
  readonly image: string;
  readonly label: string;
}

/** A patient as the challenge distributes it. */
export interface AcdcPatient {
  readonly patient: string;
  readonly group: string | undefined;
  /** ED first. */
  readonly frames: readonly AcdcFrame[];
}

/** `Info.cfg`: lines of `Key: value`. */
export function parseInfo(text: string): Map<string, string> {
  const pairs = text.split(/\r?\n/).flatMap((line) => {
    const at = line.indexOf(":");
    return at < 1 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
  });
  return new Map(pairs);
}

/**
 * Lists the NIfTI files of the ACDC challenge: `<root>/{training,testing}/patientNNN/` with `Info.cfg`,
 * `patientNNN_frameFF.nii.gz` and `…_gt.nii.gz`. `<root>` may also be one of the two folders. The cine (`_4d`) is not read.
 *
 * Which frame is ED is read from `Info.cfg`: not every patient's ES comes later.
 *
 * @throws BadFile `not-found`, `empty` when there is no complete patient
 * @example (await listChallenge("database")).patients[0].frames // ED at frame 1, ES at frame 12
 * @see ASMR-seg spec §2.1; O. Bernard et al., IEEE TMI 2018
 */
export async function listChallenge(root: string): Promise<{ patients: AcdcPatient[]; problems: AcdcProblem[] }> {
  const remedy = "Give the folder that holds training/ and testing/ of the ACDC challenge.";
  const names = await folders(root, remedy);
  const parts = ["training", "testing"].filter((part) => names.includes(part));
  const patients: AcdcPatient[] = [];
  const problems: AcdcProblem[] = [];
  for (const part of parts.length > 0 ? parts : [""]) {
    for (const patient of (await folders(join(root, part), remedy)).filter((name) => /^patient\d+$/.test(name))) {
      const found = await readPatient(join(root, part, patient), patient, problems);
      if (found !== undefined) patients.push(found);
    }
  }
  if (patients.length === 0) throw new BadFile("empty", root, "holds no patient with Info.cfg, two frames and their labels", remedy);
  return { patients: patients.sort((a, b) => (a.patient < b.patient ? -1 : 1)), problems };
}

async function readPatient(folder: string, patient: string, problems: AcdcProblem[]): Promise<AcdcPatient | undefined> {
  const odd = (code: string, message: string): undefined => {
    problems.push({ code, path: patient, message });
  };
  const text = await readFile(join(folder, "Info.cfg"), "utf8").catch(() => undefined);
  if (text === undefined) return odd("missing-info", "there is no Info.cfg, so nobody knows which frame is ED");
  const info = parseInfo(text);
  const there = new Set(await namesIn(folder));
  const frames: AcdcFrame[] = [];
  for (const phase of ["ED", "ES"] as const) {
    const frame = Number(info.get(phase));
    if (!Number.isInteger(frame) || frame < 1) return odd("bad-info", `Info.cfg says ${phase}: ${info.get(phase) ?? "nothing"}, not a frame number`);
    const stem = `${patient}_frame${String(frame).padStart(2, "0")}`;
    const image = await named(folder, there, stem);
    const label = await named(folder, there, `${stem}_gt`);
    if (image === undefined) return odd("missing-image", `there is no ${stem}.nii.gz`);
    if (label === undefined) return odd("missing-label", `there is no ${stem}_gt.nii.gz`);
    frames.push({ phase, frame, image, label });
  }
  return { patient, group: info.get("Group"), frames };
}

/** Some mirrors unpack the files, or wrap each in a folder of its name. */
async function named(folder: string, there: ReadonlySet<string>, stem: string): Promise<string | undefined> {
  for (const name of [`${stem}.nii.gz`, `${stem}.nii`]) {
    if (!there.has(name)) continue;
    const path = join(folder, name);
    return (await stat(path)).isDirectory() ? join(path, name) : path;
  }
  return undefined;
}
