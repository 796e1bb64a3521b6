import { UsageError } from "../core/index.js";
import type { AcdcCheck, PhantomKind } from "../datasets/index.js";
import { say, sayJson, type Shell } from "./shell.js";

export interface AcdcMakeOptions {
  readonly out: string;
  readonly preset: "quick" | "small";
  readonly seed: number;
  readonly from?: string;
  readonly form?: string;
  readonly phantom?: PhantomKind;
  readonly fold?: number;
  readonly json?: boolean;
}

/** `folio data make acdc`: generated hearts, or with --from the challenge's NIfTI files as slices. */
export async function makeAcdcData(shell: Shell, { from, form, phantom, fold, json, ...options }: AcdcMakeOptions): Promise<void> {
  if (form !== undefined && form !== "png" && form !== "nifti") throw new UsageError(`--form ${form} goes with mbhseg; acdc has png and nifti.`);
  if (from !== undefined && (form !== undefined || phantom !== undefined)) throw new UsageError("--form and --phantom are about generated hearts; leave them out with --from.");
  if (from === undefined && fold !== undefined) throw new UsageError("--fold goes with --from: generated hearts have one split.");
  const { convertAcdc, makeAcdc } = await import("../datasets/index.js");
  const { out, preset, seed } = options;
  if (from !== undefined) {
    const made = await convertAcdc({ from, out, fold, progress: shell.progress, signal: shell.signal });
    if (json) return sayJson(shell, { out, ...made });
    say(shell, `${made.slices} slices of ${made.patients} patients in ${out}`);
    for (const { path, message } of made.problems) say(shell, `  left out ${path}: ${message}`);
    return say(shell, `Next: folio data check acdc --data ${out}`);
  }
  const mark = await makeAcdc({ ...options, form, phantom, progress: shell.progress, signal: shell.signal });
  const files = Object.keys(mark.files).length;
  if (json) return sayJson(shell, { out, preset, seed, files, dataset: mark.dataset, generatorVersion: mark.generatorVersion });
  say(shell, `${files} generated files in ${out} (preset ${preset}, seed ${seed})`);
  if (form === "nifti") say(shell, `Volumes; make slices of them with: folio data make acdc --from ${out} --out data/acdc`);
}

/** `folio data check acdc` */
export async function checkAcdcData(shell: Shell, folder: string, json = false): Promise<void> {
  const { checkAcdc } = await import("../datasets/index.js");
  const check = await checkAcdc(folder, { progress: shell.progress, signal: shell.signal });
  if (json) sayJson(shell, check);
  else sayAcdc(shell, check);
}

function sayAcdc(shell: Shell, { root, splits, groups, sizes, spacing, generated, problems }: AcdcCheck): void {
  const total = Object.values(splits).reduce((sum, { slices }) => sum + slices, 0);
  say(shell, `${root}: ${total} slices${sizes ? `, ${sizes.smallest.join("×")} to ${sizes.largest.join("×")} pixels` : ""}`);
  if (generated) say(shell, `Generated data, not patients (preset ${generated.preset}, seed ${generated.seed})`);
  if (spacing === "pixels") say(shell, "Without meta.json there is no spacing: distances will be in pixels.");
  for (const [split, { patients, volumes, slices, present }] of Object.entries(splits)) {
    const shown = Object.entries(present).map(([name, count]) => `${name} in ${count}`).join(", ");
    say(shell, `  ${split.padEnd(6)}${String(patients).padStart(4)} patients ${String(volumes).padStart(5)} volumes ${String(slices).padStart(6)} slices; ${shown}`);
  }
  if (Object.keys(groups).length > 0) say(shell, `  groups ${Object.entries(groups).map(([group, count]) => `${group}: ${count}`).join(", ")}`);
  if (problems.length === 0) return say(shell, "\nNothing is missing or odd.");
  say(shell, `\n${problems.length} ${problems.length === 1 ? "thing is" : "things are"} odd:`);
  for (const { code, path, message } of problems.slice(0, 40)) say(shell, `  ${code.padEnd(16)} ${path}: ${message}`);
  if (problems.length > 40) say(shell, `  … and ${problems.length - 40} more; --json lists all`);
}
