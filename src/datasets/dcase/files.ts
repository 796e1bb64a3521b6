import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { BadFile } from "../../core/index.js";
import { stemOf } from "./attributes.js";
import { parseClipName, type DcaseSplit } from "./clip.js";
import type { DcaseProblem } from "./problem.js";

const splitFolders: readonly (readonly [folder: string, split: DcaseSplit])[] = [
  ["train", "train"],
  ["supplemental", "supplemental"],
  ["test", "test"],
  ["source_test", "test"],
  ["target_test", "test"],
];

/** A clip's file, before its name is taken apart. */
export interface FoundFile {
  readonly machine: string;
  readonly folder: string;
  readonly split: DcaseSplit;
  readonly file: string;
  readonly path: string;
}

/** Folders that hold a split, by name. @throws BadFile `not-found`, `empty` */
export async function findMachines(root: string): Promise<string[]> {
  await requireFolder(root, "does not exist", root);
  const names = (await readdir(root)).filter((name) => !name.startsWith(".")).sort();
  const machines: string[] = [];
  for (const name of names) {
    const holds = await Promise.all(splitFolders.map(([folder]) => isFolder(join(root, name, folder))));
    if (holds.includes(true)) machines.push(name);
  }
  if (machines.length > 0) return machines;
  if (names.includes("train") || names.includes("test")) {
    throw new BadFile("empty", root, "is the folder of one machine", "Give the folder above it.");
  }
  const remedy = "Make sample data with: folio data make dcase";
  throw new BadFile("empty", root, "holds no machine folder with train/ or test/ in it", remedy);
}

/**
 * The clips of one machine whose label is sure; the others go to `problems`.
 * @throws BadFile `not-found` or `empty` when a required split is
 */
export async function machineClips(
  root: string,
  machine: string,
  required: readonly DcaseSplit[],
  problems: DcaseProblem[],
): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const seen = new Map<string, string>();
  for (const [folder, split] of splitFolders) {
    const path = join(root, machine, folder);
    if (!(await isFolder(path))) continue;
    for (const file of (await readdir(path)).sort()) {
      if (file.startsWith(".")) continue;
      const candidate = { machine, folder, split, file, path: join(path, file) };
      const problem = judge(candidate, seen);
      if (problem === undefined) found.push(candidate);
      else problems.push({ ...problem, path: `${machine}/${folder}/${file}` });
    }
  }
  for (const split of required) {
    if (found.some((file) => file.split === split)) continue;
    const there = await isFolder(join(root, machine, split));
    const leftOut = problems.filter(({ path }) => path.startsWith(`${machine}/${split}/`));
    const why = leftOut.length > 0 ? ` (left out: ${leftOut.length} files, the first because: ${leftOut[0].message})` : "";
    const problem = there ? `holds no ${split} clips${why}` : "does not exist";
    throw new BadFile(
      there ? "empty" : "not-found",
      join(root, machine, split),
      problem,
      "See data/README.md for the layout and how to get the data.",
    );
  }
  return found;
}

function judge({ folder, split, file }: FoundFile, seen: Map<string, string>): Omit<DcaseProblem, "path"> | undefined {
  if (!/\.wav$/i.test(file)) return { code: "stray-file", message: "not a WAV file" };
  const name = parseClipName(stemOf(file));
  if (split === "supplemental") return undefined;
  if (name === undefined) return { code: "stray-name", message: "the name follows no DCASE scheme, so it has no label" };
  if (name.split !== undefined && name.split !== split)
    return { code: "wrong-folder", message: `a ${name.split} clip in ${folder}/` };
  if (split === "train" && name.label !== "normal")
    return { code: "wrong-folder", message: "training clips must be normal" };
  const key = [split, name.section, name.domain, name.label, name.index].join("/");
  const first = seen.get(key);
  if (first !== undefined) return { code: "duplicate", message: `the same clip number as ${first}` };
  seen.set(key, file);
  return undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** @throws BadFile `not-found` */
export async function requireFolder(path: string, problem: string, where: string): Promise<void> {
  if (!(await isFolder(path)))
    throw new BadFile("not-found", where, problem, "See data/README.md for the layout and how to get the data.");
}
