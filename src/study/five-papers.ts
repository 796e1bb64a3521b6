import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { once } from "../cache/index.js";
import { codeIdentity, sha256Folder, sha256File, type Progress } from "../core/index.js";
import { makeDcase, makeLidc } from "../datasets/index.js";
import { runNotebook, type ParameterValues } from "../notebook/index.js";
import { buildReport, readReportConfig } from "../report/index.js";
import { readRecords, type ResultRecord } from "../results/index.js";

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

/** A notebook of the course: the data it needs, and how its result records' files begin. */
interface Chapter {
  readonly notebook: string;
  readonly recordPrefix: string;
  readonly dataset: string;
  makeData(out: string, options: FivePapersOptions): Promise<unknown>;
}

const chapters: readonly Chapter[] = [
  {
    notebook: "01-astra",
    recordPrefix: "astra-",
    dataset: "dcase",
    makeData: (out, { preset, progress, signal }) => makeDcase({ out, preset, seed: 1, progress, signal }),
  },
  {
    notebook: "02-aespa",
    recordPrefix: "aespa-",
    dataset: "lidc",
    makeData: (out, { preset, progress, signal }) => makeLidc({ out, preset, seed: 1, progress, signal }),
  },
];

/**
 * From nothing to the report: sample data, every notebook from top to bottom, HTML and PDF.
 * What is already there and still true is left alone; each part is keyed by the content of everything it depends on.
 */
export async function buildFivePapers(options: FivePapersOptions): Promise<FivePapersOutcome> {
  const { root } = options;
  const results = join(root, "results", "five-papers");
  const out = join(root, "reports", "five-papers", "out");
  const parts: Part[] = [];
  for (const chapter of chapters) parts.push(...(await runChapter(chapter, results, out, options)));
  parts.push(await report(results, out, options));
  return { parts, records: await mainRecords(results, join(root, "reports", "five-papers")), html: join(out, "report.html"), pdf: join(out, "report.pdf") };
}

async function runChapter(chapter: Chapter, results: string, out: string, options: FivePapersOptions): Promise<Part[]> {
  const { root, preset, seed, progress, signal } = options;
  const data = join(root, "data", `${chapter.dataset}-${preset}`);
  const source = join(root, "notebooks", `${chapter.notebook}.ipynb`);
  const executed = join(out, "notebooks", `${chapter.notebook}.ipynb`);
  const dataPart = await timed(`data ${relative(root, data)}`, () => chapter.makeData(data, options));
  const parameters: ParameterValues = { preset, seed, data, results };
  const step = {
    name: chapter.notebook,
    ingredients: {
      ...(await codeIdentity(root)),
      notebook: await sha256File(source),
      data: await sha256Folder(data),
      parameters: JSON.stringify({ preset, seed }),
      device: deviceClass(),
    },
    outputs: async () => [executed, ...(await filesBeginning(results, chapter.recordPrefix))],
    run: () => runNotebook({ path: source, name: relative(root, source), out: executed, parameters, progress, signal }).then(() => undefined),
  };
  return [dataPart, { name: `notebook ${chapter.notebook}`, ...(await once(step, join(root, ".folio", "steps"))) }];
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
