import { UsageError } from "../core/index.js";
import type { GeneratedMark, MbhsegCheck, RatedName } from "../datasets/index.js";
import { say, sayJson, type Shell } from "./shell.js";

export const isRated = (name: string): name is RatedName => name === "lidc" || name === "mbhseg" || name === "refuge";

export interface RatedMakeOptions {
  readonly out: string;
  readonly preset: "quick" | "small";
  readonly seed: number;
  readonly from?: string;
  readonly form?: "binary" | "multi";
  readonly json?: boolean;
}

/** `folio data make lidc|mbhseg|refuge` */
export async function makeRated(shell: Shell, name: RatedName, { from, form, json, ...options }: RatedMakeOptions): Promise<void> {
  if (name !== "mbhseg" && (from !== undefined || form !== undefined)) throw new UsageError(`--from and --form go with mbhseg, not with ${name}.`);
  if (from !== undefined) return windowed(shell, { raw: from, out: options.out, form }, json);
  if (form !== undefined) throw new UsageError("--form goes with --from: the form is chosen when slices are made from volumes.");
  const { makeLidc, makeMbhsegRaw, makeRefuge } = await import("../datasets/index.js");
  const make = { lidc: makeLidc, mbhseg: makeMbhsegRaw, refuge: makeRefuge }[name];
  const mark: GeneratedMark = await make({ ...options, progress: shell.progress, signal: shell.signal });
  const files = Object.keys(mark.files).length;
  const { out, preset, seed } = options;
  if (json) sayJson(shell, { out, preset, seed, files, generatorVersion: mark.generatorVersion });
  else say(shell, `${files} generated files in ${out} (preset ${preset}, seed ${seed})`);
  if (name === "mbhseg" && !json) say(shell, `Volumes; make slices of them with: folio data make mbhseg --from ${out} --out data/mbhseg-binary`);
}

async function windowed(shell: Shell, paths: { raw: string; out: string; form?: "binary" | "multi" }, json = false): Promise<void> {
  const { processMbhseg } = await import("../datasets/index.js");
  const made = await processMbhseg({ ...paths, progress: shell.progress, signal: shell.signal });
  if (json) return sayJson(shell, { out: paths.out, form: paths.form ?? "binary", ...made });
  say(shell, `${made.slices} slices of ${made.cases} cases in ${paths.out}`);
  if (made.skipped.length > 0) say(shell, `Without a marked slice, left out: ${made.skipped.join(", ")}`);
}

/** `folio data check lidc|mbhseg|refuge` */
export async function checkRatedData(shell: Shell, name: RatedName, folder: string, json = false): Promise<void> {
  const check = await look(shell, name, folder);
  if (json) sayJson(shell, check);
  else sayRated(shell, check);
}

async function look(shell: Shell, name: RatedName, folder: string): Promise<MbhsegCheck> {
  const { checkLidc, checkMbhseg, checkRated, readRefuge } = await import("../datasets/index.js");
  if (name === "lidc") return checkLidc(folder, shell);
  return name === "mbhseg" ? checkMbhseg(folder, shell) : checkRated(await readRefuge(folder), shell);
}

function sayRated(shell: Shell, { root, splits, generated, problems, classes }: MbhsegCheck): void {
  say(shell, `${root}: ${splits.train.images + splits.test.images} images`);
  if (generated) say(shell, `Generated data, not patients (preset ${generated.preset}, seed ${generated.seed})`);
  for (const [split, { images, patients, marked, meanArea }] of Object.entries(splits)) {
    say(shell, `\n${split}: ${images} images of ${patients} patients`);
    say(shell, `  marked by rater ${marked.map((count, rater) => `${rater + 1}: ${count}`).join(", ")}`);
    if (meanArea !== null) say(shell, `  mean marked area ${(100 * meanArea).toFixed(2)} % of the picture`);
    if (classes) say(shell, `  images with class ${classes[split as "train"].map((count, i) => `${i + 1}: ${count}`).join(", ")}`);
  }
  if (problems.length === 0) return say(shell, "\nNothing is missing or odd.");
  say(shell, `\n${problems.length} ${problems.length === 1 ? "thing is" : "things are"} odd:`);
  for (const { code, path, message } of problems.slice(0, 40)) say(shell, `  ${code.padEnd(16)} ${path}: ${message}`);
  if (problems.length > 40) say(shell, `  … and ${problems.length - 40} more; --json lists all`);
}
