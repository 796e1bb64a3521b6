import { existsSync, statSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { codeReader, contentHasher, fulfil, type StepOutcome } from "../cache/index.js";
import { packageRoot, sha256File, writeFileAtomic, type Progress } from "../core/index.js";
import { buildReport, starterFiles } from "../report/index.js";
import { readRecords } from "../results/index.js";
import { studyStore } from "./run-study.js";
import type { Study } from "./file/study.js";

export interface StudyReport extends StepOutcome {
  readonly html: string;
  readonly pdf: string;
}

export const hasReport = (study: Study, root: string): boolean => existsSync(join(root, "reports", study.name, "report.json"));

/**
 * Begins a report for a study that has none, with everything its records hold; the files are the user's to change.
 * @returns whether there is a report now: not where no run gave a record
 */
export async function beginReport(study: Study, root: string): Promise<boolean> {
  const records = await readRecords(join(root, study.results));
  if (records.length === 0) return false;
  for (const [file, text] of Object.entries(starterFiles(study.title, records, study.results))) await writeFileAtomic(join(root, "reports", study.name, file), text);
  return true;
}

/** Builds the study's report, unless the same template, records and report builder have given it before. */
export async function buildStudyReport(
  study: Study,
  { root, env, progress, signal }: { root: string; env: Readonly<Record<string, string | undefined>>; progress: Progress; signal?: AbortSignal },
): Promise<StudyReport> {
  const folder = join(root, "reports", study.name);
  const out = join(folder, "out");
  const results = join(root, study.results);
  const hasher = await contentHasher(join(root, ".folio", "hashes.json"));
  const sources = await reportSources(folder);
  const code = codeReader(root).of([{ specifier: join(packageRoot, "dist", "report", "build.js"), names: "all" }], join(root, "-"));
  const outputs = { "report.html": join(out, "report.html"), "report.pdf": join(out, "report.pdf") };
  const outcome = await fulfil(
    {
      name: `report ${study.name}`,
      ingredients: {
        ...Object.fromEntries(Object.entries(code).map(([file, hash]) => [`code ${file}`, hash])),
        ...Object.fromEntries(await Promise.all(sources.map(async (name) => [`file ${name}`, await hasher.of(join(folder, name))] as const))),
        results: await hasher.of(results),
        lockfile: await sha256File(join(root, "package-lock.json")).catch(() => "none"),
        browser: env.FOLIO_CHROME ?? "",
      },
      outputs,
      run: () => buildReport({ folder, results, out, formats: ["html", "pdf"], env, progress, signal }).then(() => undefined),
    },
    studyStore(root),
  );
  await hasher.save();
  return { ...outcome, html: outputs["report.html"], pdf: outputs["report.pdf"] };
}

/**
 * Files a report is made of, relative to its folder: everything in it but `out/`, and what its text names elsewhere – executed
 * notebooks, listings' sources, volumes, pictures.
 */
async function reportSources(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const own = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/")).filter((path) => !path.startsWith("out/"));
  const text = await readFile(join(folder, "report.md.hbs"), "utf8").catch(() => "");
  const named = [...text.matchAll(/["(]([^"()\n]+\.\w+)[")]/g)].map(([, path]) => path).filter((path) => existsSync(join(folder, path)) && statSync(join(folder, path)).isFile());
  return [...new Set([...own, ...named])].sort();
}
