import { readdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { once } from "../cache/index.js";
import { codeIdentity, sha256Folder, sha256File, type Progress } from "../core/index.js";
import { runNotebook, type ParameterValues } from "../notebook/index.js";
import { buildReport, readReportConfig } from "../report/index.js";
import { readRecords, type ResultRecord } from "../results/index.js";
import { readStudy } from "./file/read.js";
import type { Run } from "./file/study.js";
import { sampleData } from "./sample-data.js";

export interface FivePapersOptions {
  /** The checkout: `notebooks/`, `reports/`, `data/` and `results/` lie in it. */
  readonly root: string;
  readonly preset: "quick" | "small";
  readonly seed: number;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** One part of the work, and whether it had to be done. */
export interface Part {
  readonly name: string;
  readonly ran: boolean;
  /** Why it ran: ingredients that changed, outputs that were gone, or "first run". */
  readonly because: readonly string[];
  readonly seconds: number;
}

export interface FivePapersOutcome {
  readonly parts: readonly Part[];
  /** The records of the methods and baselines that the report names; ablations are left to the report. */
  readonly records: readonly ResultRecord[];
  readonly html: string;
  readonly pdf: string;
}

/**
 * From nothing to the report: sample data, every notebook from top to bottom, HTML and PDF.
 * What is already there and still true is left alone; each part is keyed by the content of everything it depends on.
 */
export async function buildFivePapers(options: FivePapersOptions): Promise<FivePapersOutcome> {
  const { root, preset } = options;
  const study = await readStudy(root, "five-papers", { preset, seed: options.seed });
  const results = join(root, study.results);
  const out = join(root, "reports", "five-papers", "out");
  const parts: Part[] = [];
  for (const run of study.runs) parts.push(...(await runChapter(run, results, out, options)));
  parts.push(await report(results, out, options));
  return { parts, records: await mainRecords(results, join(root, "reports", "five-papers")), html: join(out, "report.html"), pdf: join(out, "report.pdf") };
}

async function runChapter({ work, dataset = "" }: Run, results: string, out: string, options: FivePapersOptions): Promise<Part[]> {
  const { root, preset, seed, progress, signal } = options;
  if (work.kind !== "notebook") return [];
  const chapter = basename(work.notebook, ".ipynb");
  const data = join(root, "data", `${dataset}-${preset}`);
  const source = join(root, work.notebook);
  const executed = join(out, "notebooks", `${chapter}.ipynb`);
  const dataPart = await timed(`data ${relative(root, data)}`, () => sampleData[dataset]({ out: data, preset, seed: 1, progress, signal }));
  const parameters: ParameterValues = { preset, seed, data, results };
  const step = {
    name: chapter,
    ingredients: {
      ...(await codeIdentity(root)),
      notebook: await sha256File(source),
      data: await sha256Folder(data),
      parameters: JSON.stringify({ preset, seed }),
      device: deviceClass(),
    },
    outputs: async () => [executed, ...(await filesBeginning(results, `${chapter.replace(/^\d+-/, "")}-`))],
    run: () => runNotebook({ path: source, name: relative(root, source), out: executed, parameters, progress, signal }).then(() => undefined),
  };
  return [dataPart, { name: `notebook ${chapter}`, ...(await once(step, join(root, ".folio", "steps"))) }];
}

async function report(results: string, out: string, { root, progress, signal }: FivePapersOptions): Promise<Part> {
  const folder = join(root, "reports", "five-papers");
  const sources = ["report.md.hbs", "report.json", "refs.bib"].map((name) => join(folder, name));
  const step = {
    name: "report-five-papers",
    ingredients: {
      ...(await codeIdentity(root)),
      template: (await Promise.all(sources.map(sha256File))).join(" "),
      results: await sha256Folder(results),
    },
    outputs: [join(out, "report.html"), join(out, "report.pdf")],
    run: () => buildReport({ folder, results, out, formats: ["html", "pdf"], env: process.env, progress, signal }).then(() => undefined),
  };
  return { name: "report", ...(await once(step, join(root, ".folio", "steps"))) };
}

async function mainRecords(results: string, folder: string): Promise<ResultRecord[]> {
  const [records, { series }] = await Promise.all([readRecords(results), readReportConfig(folder)]);
  return series.filter(({ role }) => role !== "ablation").flatMap(({ method, variant }) => records.filter((record) => record.method === method && record.variant === variant));
}

/** Results may differ in the last digits from one kind of machine to another; those of another kind are not reused. */
const deviceClass = (): string => `${process.platform}-${process.arch}`;

async function filesBeginning(folder: string, prefix: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.startsWith(prefix) && name.endsWith(".json")).sort().map((name) => join(folder, name));
}

async function timed(name: string, work: () => Promise<unknown>): Promise<Part> {
  const started = performance.now();
  await work();
  return { name, ran: true, because: [], seconds: (performance.now() - started) / 1000 };
}
