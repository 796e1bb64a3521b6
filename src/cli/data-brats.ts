import { UsageError } from "../core/index.js";
import type { BratsLayout, Modality } from "../datasets/index.js";
import { say, sayJson, type Shell } from "./shell.js";

export interface BratsMakeOptions {
  readonly out: string;
  readonly preset: "quick" | "small";
  readonly seed: number;
  readonly from?: string;
  readonly layout?: BratsLayout;
  readonly modality?: Modality;
  readonly margin?: number;
  readonly minArea?: number;
  readonly threads?: number;
  readonly json?: boolean;
}

/** `folio data make brats`: volumes without --from, slices with it. */
export async function makeBratsData(shell: Shell, options: BratsMakeOptions): Promise<void> {
  const { out, preset, seed, from, layout = "BraTS20", json } = options;
  if (from !== undefined) return extract(shell, { ...options, from });
  if (options.modality !== undefined) throw new UsageError("--modality goes with --from: all four modalities are generated.");
  const { makeBrats } = await import("../datasets/index.js");
  const mark = await makeBrats({ out, preset, seed, layout, progress: shell.progress, signal: shell.signal });
  const files = Object.keys(mark.files).length;
  if (json) return sayJson(shell, { out, preset, seed, layout, files, generatorVersion: mark.generatorVersion });
  say(shell, `${files} generated files in ${out} (${layout} layout, preset ${preset}, seed ${seed})`);
  say(shell, `Volumes; make slices of them with: folio data make brats --from ${out} --out data/brats`);
}

async function extract(shell: Shell, { from, out, layout, modality, margin, minArea, threads, json }: BratsMakeOptions & { readonly from: string }): Promise<void> {
  if (layout !== undefined) throw new UsageError("--layout goes without --from: which release a folder holds is seen by itself.");
  const { extractBrats } = await import("../datasets/index.js");
  const rules = { ...(margin !== undefined && { margin }), ...(minArea !== undefined && { minLesionArea: minArea }) };
  const record = await extractBrats({ from, out, modality, rules, threads, progress: shell.progress, signal: shell.signal });
  if (json) return sayJson(shell, { out, ...record });
  const done = Object.values(record.done);
  const sum = (kind: "healthy" | "unhealthy" | "ambiguous"): number => done.reduce((total, counts) => total + counts[kind], 0);
  const trained = done.filter(({ split }) => split === "train").length;
  say(shell, `${record.layout}, ${record.modality}: ${trained} training and ${done.length - trained} test patients in ${out}`);
  say(shell, `${sum("healthy")} healthy and ${sum("unhealthy")} unhealthy slices; ${sum("ambiguous")} with at most ${record.rules.minLesionArea} marked pixels left out`);
  for (const [patient, reason] of Object.entries(record.skipped)) say(shell, `Skipped ${patient}: ${reason}`);
}

/** `folio data check brats` */
export async function checkBratsData(shell: Shell, folder: string, json = false): Promise<void> {
  const { checkBrats } = await import("../datasets/index.js");
  const check = await checkBrats(folder, shell);
  if (json) return sayJson(shell, check);
  const { root, name, splits, toCome, problems, generated } = check;
  say(shell, `${root}: slices of ${name}`);
  if (generated) say(shell, `Generated data, not patients (preset ${generated.preset}, seed ${generated.seed})`);
  for (const [split, { patients, healthy, unhealthy, meanArea }] of Object.entries(splits)) {
    const area = meanArea === null ? "" : `, of which ${(100 * meanArea).toFixed(1)} % is marked`;
    say(shell, `  ${split}: ${patients} patients, ${healthy} healthy and ${unhealthy} unhealthy slices${area}`);
  }
  if (toCome > 0) say(shell, `${toCome} patients are still to be extracted; give the same folio data make brats again.`);
  if (problems.length === 0) return say(shell, "Nothing is missing or odd.");
  say(shell, `${problems.length} ${problems.length === 1 ? "thing is" : "things are"} odd:`);
  for (const { code, path, message } of problems.slice(0, 40)) say(shell, `  ${code.padEnd(16)} ${path}: ${message}`);
  if (problems.length > 40) say(shell, `  … and ${problems.length - 40} more; --json lists all`);
}
