import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { packageRoot, UsageError } from "../core/index.js";
import type { Register } from "./commands.js";
import { say, sayJson, type Shell } from "./shell.js";

interface ReportOptions {
  readonly html?: boolean;
  readonly pdf?: boolean;
  readonly latex?: boolean;
  readonly export?: string;
  readonly out?: string;
  readonly results?: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

export const registerReport: Register = (folio, shell) => {
  folio
    .command("report")
    .description("Build a report from result records: one interactive HTML file and a PDF.")
    .argument("<name>", "a folder below reports/, or a path to one")
    .option("--html", "only the HTML (with --pdf: both, as without either)")
    .option("--pdf", "only the PDF")
    .option("--latex", "also every table as LaTeX and CSV, below OUT/tables")
    .option("--export <formats>", "also every figure and table on its own: svg,pdf,png,csv,tex")
    .option("--out <folder>", "where to write; reports/NAME/out unless said otherwise")
    .option("--results <folder>", "the records to read; report.json names them otherwise")
    .option("--check", "fail when anything is missing: a record, a reference, a citation")
    .option("--json", "say what was written as JSON")
    .addHelpText("after", "\nExample:\n  folio report five-papers\n  folio report five-papers --pdf --latex --out paper/")
    .action((name: string, options: ReportOptions) => report(name, options, shell));
};

async function report(name: string, options: ReportOptions, shell: Shell): Promise<void> {
  const { buildReport, exportFormats } = await import("../report/index.js");
  const folder = reportFolder(name, shell.cwd);
  const wanted = [...(options.export ?? "").split(",").filter(Boolean), ...(options.latex ? ["csv", "tex"] : [])];
  const exports = [...new Set(wanted)].map((format) => {
    const known = exportFormats.find((item) => item === format);
    if (known === undefined) throw new UsageError(`--export does not know "${format}"; it knows ${exportFormats.join(", ")}.`);
    return known;
  });
  const both = options.html === options.pdf;
  const built = await buildReport({
    folder,
    ...(options.results !== undefined && { results: resolve(shell.cwd, options.results) }),
    out: options.out === undefined ? join(folder, "out") : resolve(shell.cwd, options.out),
    formats: both ? ["html", "pdf"] : options.html ? ["html"] : ["pdf"],
    exports,
    env: shell.env,
    progress: shell.progress,
    signal: shell.signal,
  });
  if (options.json) sayJson(shell, built);
  else for (const file of built.files) say(shell, file);
  if (!options.json) for (const { line, message } of built.warnings) shell.stderr.write(`folio: report.md.hbs:${line}: ${message}\n`);
  if (options.check && built.warnings.length > 0) {
    const { ReportIncomplete } = await import("../report/index.js");
    throw new ReportIncomplete(name, built.warnings);
  }
}

function reportFolder(name: string, cwd: string): string {
  const candidates = [resolve(cwd, name), resolve(cwd, "reports", name), join(packageRoot, "reports", name)];
  const found = candidates.find((folder) => existsSync(join(folder, "report.json")));
  if (found === undefined) throw new UsageError(`There is no report "${name}": none of ${candidates.join(", ")} has a report.json.`);
  return found;
}
