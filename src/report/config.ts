import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, FolioError, show } from "../core/index.js";

/** `report.json`: what a report is about, and how the names in the records are written for people. */
export interface ReportConfig {
  readonly title: string;
  readonly subtitle?: string;
  readonly authors: readonly Author[];
  readonly abstract?: string;
  /** BCP 47; `en` unless said otherwise. */
  readonly language: string;
  /** Folder of result records, relative to the project's root: `results/five-papers`. */
  readonly results: string;
  readonly citations: "numeric" | "author-year";
  /** Columns of text in the PDF; tables and wide figures always span the page. */
  readonly printColumns: 1 | 2;
  /** Numbers beside the lines of the text, in print and in LaTeX, for reviewers. */
  readonly lineNumbers: boolean;
  /** Order decides colour: the same series has the same look in every figure. */
  readonly series: readonly SeriesName[];
  /** Labels of metrics, groups and group values: `{ "auc": "AUC", "domain": "Domain", "source": "source" }`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly published: readonly PublishedValue[];
}

export interface Author {
  readonly name: string;
  readonly affiliation?: string;
}

/** A variant of a method as tables and legends call it. */
export interface SeriesName {
  readonly method: string;
  readonly variant: string;
  readonly label: string;
  /** `ours` is the method under study, `baseline` what it is measured against, `ablation` a part taken away. */
  readonly role?: "ours" | "baseline" | "ablation";
}

/** A number as a paper printed it, with where. */
export interface PublishedValue {
  readonly method: string;
  readonly metric: string;
  readonly group?: Readonly<Record<string, string>>;
  readonly value: number;
  readonly source: string;
}

/** `report.json` says something it may not. */
export class BadReportConfig extends FolioError {
  readonly code = "bad-report-config";
  constructor(
    readonly file: string,
    readonly field: string,
    readonly rule: string,
    readonly value: unknown,
  ) {
    super(`${file}: ${field} ${rule}, but is ${show(value ?? null)}. Correct it there.`);
  }
}

/**
 * Reads and checks `<folder>/report.json`.
 * @throws BadFile when it is missing or no JSON, BadReportConfig at the first field at fault
 */
export async function readReportConfig(folder: string): Promise<ReportConfig> {
  const file = join(folder, "report.json");
  return checkReportConfig(await readJson(file), file);
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new BadFile("not-found", file, "cannot be read", "A report is a folder with report.json and report.md.hbs; `folio report new NAME` makes one.", { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadFile("bad-json", file, `is not JSON (${(cause as Error).message})`, "Correct the syntax there.", { cause });
  }
}

export function checkReportConfig(value: unknown, file: string): ReportConfig {
  const config = (value ?? {}) as Partial<Record<keyof ReportConfig, unknown>>;
  const fault = (field: string, rule: string, found: unknown): BadReportConfig => new BadReportConfig(file, field, rule, found);
  const text = (found: unknown, field: string): string => {
    if (typeof found !== "string" || found.trim() === "") throw fault(field, "must be text", found);
    return found;
  };
  const optional = (found: unknown, field: string): string | undefined => (found === undefined ? undefined : text(found, field));
  const list = (found: unknown, field: string): readonly Record<string, unknown>[] => {
    if (!Array.isArray(found) || found.some((item) => item === null || typeof item !== "object")) throw fault(field, "must be a list of objects", found);
    return found as Record<string, unknown>[];
  };
  const citations = config.citations ?? "numeric";
  if (citations !== "numeric" && citations !== "author-year") throw fault("citations", 'must be "numeric" or "author-year"', citations);
  const printColumns = config.printColumns ?? 1;
  if (printColumns !== 1 && printColumns !== 2) throw fault("printColumns", "must be 1 or 2", printColumns);
  const lineNumbers = config.lineNumbers ?? false;
  if (typeof lineNumbers !== "boolean") throw fault("lineNumbers", "must be true or false", lineNumbers);
  const labels = (config.labels ?? {}) as Record<string, string>;
  for (const [key, label] of Object.entries(labels)) text(label, `labels.${key}`);
  const subtitle = optional(config.subtitle, "subtitle");
  const abstract = optional(config.abstract, "abstract");
  return {
    title: text(config.title, "title"),
    ...(subtitle !== undefined && { subtitle }),
    ...(abstract !== undefined && { abstract }),
    authors: list(config.authors ?? [], "authors").map((author, i) => {
      const affiliation = optional(author.affiliation, `authors[${i}].affiliation`);
      return { name: text(author.name, `authors[${i}].name`), ...(affiliation !== undefined && { affiliation }) };
    }),
    language: optional(config.language, "language") ?? "en",
    results: text(config.results, "results"),
    citations,
    printColumns,
    lineNumbers,
    labels,
    series: list(config.series ?? [], "series").map((item, i) => ({
      method: text(item.method, `series[${i}].method`),
      variant: text(item.variant, `series[${i}].variant`),
      label: text(item.label, `series[${i}].label`),
      ...(item.role !== undefined && { role: role(item.role, () => fault(`series[${i}].role`, "must be ours, baseline or ablation", item.role)) }),
    })),
    published: list(config.published ?? [], "published").map((item, i) => {
      if (typeof item.value !== "number") throw fault(`published[${i}].value`, "must be a number", item.value);
      return {
        method: text(item.method, `published[${i}].method`),
        metric: text(item.metric, `published[${i}].metric`),
        ...(item.group !== undefined && { group: item.group as Record<string, string> }),
        value: item.value,
        source: text(item.source, `published[${i}].source`),
      };
    }),
  };
}

function role(found: unknown, fault: () => Error): NonNullable<SeriesName["role"]> {
  if (found !== "ours" && found !== "baseline" && found !== "ablation") throw fault();
  return found;
}
