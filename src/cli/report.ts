import { existsSync } from "node:fs";
import { watch } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { packageRoot, UsageError, writeFileAtomic } from "../core/index.js";
import type { BuiltReport, ReportRequest } from "../report/index.js";
import type { Register } from "./commands.js";
import { say, sayJson, type Shell } from "./shell.js";

interface ReportOptions {
  readonly html?: boolean;
  readonly pdf?: boolean;
  readonly latex?: boolean;
  readonly export?: string;
  readonly dpi?: number;
  readonly out?: string;
  readonly results?: string;
  readonly check?: boolean;
  readonly verify?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export const registerReport: Register = (folio, shell) => {
  const command = folio
    .command("report")
    .description("Build a report from result records: one interactive HTML file and a PDF.")
    .argument("<name>", "a folder below reports/, or a path to one")
    .option("--html", "the HTML; without --html, --pdf or --latex: HTML and PDF")
    .option("--pdf", "the PDF")
    .option("--latex", "the article as LaTeX, with its tables and its figures as PDF (with --html: both)")
    .option("--export <formats>", "also every figure and table on its own: svg,pdf,png,csv,tex,md")
    .option("--dpi <N>", "dots an inch of exported PNGs", dotsAnInch, 300)
    .option("--out <folder>", "where to write; reports/NAME/out unless said otherwise")
    .option("--results <folder>", "the records to read; report.json names them otherwise")
    .option("--check", "fail when anything is missing (a record, a reference, a citation, a description), a result was typed into the text, or a table does not fit the page")
    .option("--verify", "compare the records' inputs with what is there now, and mark what is stale")
    .option("--watch", "build again whenever the template or a record changes, until Ctrl-C")
    .option("--json", "say what was written as JSON")
    .addHelpText("after", "\nExample:\n  folio report five-papers\n  folio report five-papers --pdf --latex --out paper/\n  folio report new my-paper scores/")
    .action((name: string, options: ReportOptions) => report(name, options, shell));
  registerNew(command, shell);
};

interface NewOptions {
  readonly truth?: string;
  readonly images?: string;
  readonly metrics?: string;
  readonly clusterRegex?: string;
}

function registerNew(command: Command, shell: Shell): void {
  command
    .command("new")
    .description("Start a report from result records, outputs of `folio score … --json`, CSV files of scored cases, or folders of predicted masks.")
    .argument("<name>", "becomes reports/NAME")
    .argument("<sources...>", "files, or folders of them; a file's or folder's name is its method's name")
    .option("--truth <folder>", "the sources are folders of predicted masks; score them against these")
    .option("--images <folder>", "with --truth: the images the masks belong to, for the case browser")
    .option("--metrics <list>", "with --truth: what to score, as in folio score segmentation", "dice,hd95")
    .option("--cluster-regex <re>", "with --truth: resample whole patients, whose name is the first group in a case's name")
    .addHelpText("after", "\nExample:\n  folio report new my-paper scores/ours.csv scores/baseline.csv\n  folio report new my-paper ours/ baseline/ --truth truth/\n  folio report my-paper --latex")
    .action((name: string, sources: string[], options: NewOptions) => startReport(name, sources, options, shell));
}

async function report(name: string, options: ReportOptions, shell: Shell): Promise<void> {
  const request = await requestOf(name, options, shell);
  if (options.verify) await verify(request, shell);
  const built = await build(request, options, shell);
  if (options.watch) return rebuildOnChange(request, options, shell);
  if (options.check && built.warnings.length > 0) {
    const { ReportIncomplete } = await import("../report/index.js");
    throw new ReportIncomplete(name, built.warnings);
  }
}

function dotsAnInch(text: string): number {
  const dpi = Number(text);
  if (!Number.isInteger(dpi) || dpi < 36 || dpi > 1200) throw new InvalidArgumentError("A whole number from 36 to 1200 is needed.");
  return dpi;
}

async function requestOf(name: string, options: ReportOptions, shell: Shell): Promise<ReportRequest> {
  const { exportFormats } = await import("../report/index.js");
  const folder = reportFolder(name, shell.cwd);
  const exports = [...new Set((options.export ?? "").split(",").filter(Boolean))].map((format) => {
    const known = exportFormats.find((item) => item === format);
    if (known === undefined) throw new UsageError(`--export does not know "${format}"; it knows ${exportFormats.join(", ")}.`);
    return known;
  });
  const chosen = (["html", "pdf", "latex"] as const).filter((format) => options[format]);
  return {
    folder,
    ...(options.results !== undefined && { results: resolve(shell.cwd, options.results) }),
    out: options.out === undefined ? join(folder, "out") : resolve(shell.cwd, options.out),
    formats: chosen.length ? chosen : ["html", "pdf"],
    exports,
    ...(options.dpi !== undefined && { dpi: options.dpi }),
    verify: options.verify === true,
    checkLayout: options.check === true,
    env: shell.env,
    progress: shell.progress,
    signal: shell.signal,
  };
}

async function build(request: ReportRequest, { json }: ReportOptions, shell: Shell): Promise<BuiltReport> {
  const { buildReport } = await import("../report/index.js");
  const built = await buildReport(request);
  if (json) sayJson(shell, built);
  else for (const file of built.files) say(shell, file);
  if (!json) for (const { line, message } of built.warnings) shell.stderr.write(`folio: report.md.hbs${line ? `:${line}` : ""}: ${message}\n`);
  return built;
}

async function verify({ folder, results }: ReportRequest, shell: Shell): Promise<void> {
  const { readReportConfig, resultsFolder, verifyRecords } = await import("../report/index.js");
  const { readRecords } = await import("../results/index.js");
  const records = await readRecords(results ?? resultsFolder(folder, (await readReportConfig(folder)).results));
  const findings = await verifyRecords(records);
  const words = { changed: "changed since", gone: "is gone", unknown: "cannot be found again: the record does not say where it lay", other: "is not the one that measured it" } as const;
  for (const { record, what, state } of findings) if (state !== "same") shell.stderr.write(`folio: ${record}: ${what} ${words[state]}\n`);
  const same = findings.filter(({ state }) => state === "same").length;
  shell.stderr.write(`folio: ${same} of ${findings.length} hashes of ${records.length} records are what they were\n`);
}

async function rebuildOnChange(request: ReportRequest, options: ReportOptions, shell: Shell): Promise<void> {
  const { readReportConfig, resultsFolder } = await import("../report/index.js");
  const results = request.results ?? resultsFolder(request.folder, (await readReportConfig(request.folder)).results);
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const again = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(() => build(request, options, shell)).then(
        () => undefined,
        (error: unknown) => void shell.stderr.write(`folio: ${(error as Error).message}\n`),
      );
    }, 150);
  };
  const follow = async (folder: string): Promise<void> => {
    if (!existsSync(folder)) return;
    try {
      for await (const { filename } of watch(folder, { signal: shell.signal })) if (filename === null || /\.(json|hbs|bib)$/.test(filename)) again();
    } catch (error) {
      if ((error as Error).name !== "AbortError") throw error;
    }
  };
  shell.stderr.write("folio: watching; Ctrl-C ends it\n");
  await Promise.all([follow(request.folder), follow(results)]);
  clearTimeout(timer);
  await running;
}

async function startReport(name: string, sources: readonly string[], options: NewOptions, shell: Shell): Promise<void> {
  if (!/^[a-z0-9][a-z0-9._-]*$/i.test(name)) throw new UsageError(`A report's name is a folder's name, such as my-paper, not "${name}".`);
  const { recordsFromFolders, recordsFromScores, starterFiles } = await import("../report/index.js");
  const { writeRecord } = await import("../results/index.js");
  const folder = resolve(shell.cwd, "reports", name);
  if (existsSync(join(folder, "report.json"))) throw new UsageError(`${folder} is a report already. Choose another name, or change that one.`);
  const paths = sources.map((source) => resolve(shell.cwd, source));
  const { truth, images, metrics = "dice,hd95", clusterRegex } = options;
  if (truth === undefined && (images !== undefined || clusterRegex !== undefined)) throw new UsageError("--images and --cluster-regex go with --truth, a folder of true masks.");
  const records = truth === undefined
    ? await recordsFromScores(paths, new Date())
    : await recordsFromFolders(
        {
          predictions: paths, truths: resolve(shell.cwd, truth), metrics: metrics.split(",").map((item) => item.trim()).filter(Boolean),
          ...(images !== undefined && { images: resolve(shell.cwd, images) }), ...(clusterRegex !== undefined && { clusterRegex }), progress: shell.progress, signal: shell.signal,
        },
        new Date(),
      );
  for (const record of records) await writeRecord(join(folder, "results"), record);
  for (const [file, text] of Object.entries(starterFiles(name, records, "./results"))) {
    await writeFileAtomic(join(folder, file), text);
    say(shell, join(folder, file));
  }
  say(shell, `${records.length} records in ${join(folder, "results")}. Next: folio report ${name}`);
}

function reportFolder(name: string, cwd: string): string {
  const candidates = [resolve(cwd, name), resolve(cwd, "reports", name), join(packageRoot, "reports", name)];
  const found = candidates.find((folder) => existsSync(join(folder, "report.json")));
  if (found === undefined) throw new UsageError(`There is no report "${name}": none of ${candidates.join(", ")} has a report.json.`);
  return found;
}
