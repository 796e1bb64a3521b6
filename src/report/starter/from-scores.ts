import { readFile, readdir, stat } from "node:fs/promises";
import { basename, extname, join, relative } from "node:path";
import { BadFile, codeIdentity, packageRoot, sha256File } from "../../core/index.js";
import { readCsv } from "../../io/index.js";
import { validateRecord, type CaseTable, type ResultRecord } from "../../results/index.js";
import { scoreDetection, type ScoreReport } from "../../scoring/index.js";

/**
 * Result records of whatever an author has: records, `folio score … --json` outputs, or CSV files of scored cases.
 * A file's name is its method's name.
 *
 * @param sources files, or folders whose `.json` and `.csv` files are taken
 * @throws BadFile naming the file that is none of these
 */
export async function recordsFromScores(sources: readonly string[], now: Date): Promise<ResultRecord[]> {
  const files = (await Promise.all(sources.map(filesOf))).flat();
  if (files.length === 0) throw new BadFile("not-found", sources.join(", "), "holds no .json or .csv file", "Give result records, outputs of `folio score … --json`, or CSV files of scored cases.");
  const code = await codeIdentity();
  return (await Promise.all(files.map((file) => recordsOf(file, now, code)))).flat();
}

async function filesOf(source: string): Promise<string[]> {
  const found = await stat(source).catch((cause: unknown) => {
    throw new BadFile("not-found", source, "does not exist", "Check the path.", { cause });
  });
  if (!found.isDirectory()) return [source];
  return (await readdir(source)).filter((name) => /\.(json|csv)$/.test(name)).sort().map((name) => join(source, name));
}

async function recordsOf(file: string, now: Date, code: Code): Promise<ResultRecord[]> {
  const method = basename(file, extname(file));
  const source = { method, inputs: { scores: await sha256File(file) }, paths: { scores: relative(packageRoot, file) } };
  if (extname(file) === ".csv") {
    const { metrics } = await scoreDetection(file, { score: "score", label: "label", groups: await groupColumns(file) });
    return [recordOfScores(metrics, await csvCases(file), source, now, code)];
  }
  const value = await json(file);
  if (value !== null && typeof value === "object" && "schema" in value) return [validateRecord(value, file)];
  const { metrics, cases, methods } = (value ?? {}) as Partial<ScoreReport>;
  if (!Array.isArray(metrics) || !Array.isArray(cases)) {
    throw new BadFile("not-scores", file, "is neither a result record nor an output of `folio score … --json`", "Run `folio score` with --json, or give the CSV itself.");
  }
  if (!methods) return [recordOfScores(metrics, caseTable(cases), source, now, code)];
  return methods.map((one) => recordOfScores(one.metrics, caseTable(one.cases ?? []), { ...source, method: one.name }, now, code));
}

interface Code {
  readonly code: string;
  readonly lockfile: string;
}

/** Where scores came from. */
export interface ScoreSource {
  readonly method: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly paths: Readonly<Record<string, string>>;
}

/** Metrics that were given, as a record of the method they belong to. */
export function recordOfScores(metrics: ScoreReport["metrics"], cases: CaseTable, { method, inputs, paths }: ScoreSource, now: Date, code: Code): ResultRecord {
  return validateRecord(
    {
      schema: "folio.result/1",
      id: method.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "scores",
      method,
      variant: "as-scored",
      dataset: { name: "given scores", generated: false },
      split: "test",
      preset: "given",
      seed: 0,
      config: {},
      cases,
      metrics,
      provenance: {
        inputs,
        paths,
        ...code,
        engine: "none: scores were given",
        device: "cpu",
        node: process.versions.node,
        startedAt: now.toISOString(),
        seconds: 0,
      },
    } satisfies ResultRecord,
    method,
  );
}

async function json(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new BadFile("bad-json", file, `is not JSON (${(cause as Error).message})`, "Write it again.", { cause });
  }
}

const ownColumns = new Set(["case", "id", "file", "file_name", "filename", "score", "label", "threshold"]);

/** Text columns with a handful of values, each for several cases, say which part of the data a case belongs to. */
async function groupColumns(file: string): Promise<string[]> {
  const { columns, rows } = await readCsv(file);
  return columns.filter((name) => {
    const values = new Set(rows.map((row) => row[name]));
    const numeric = [...values].every((value) => value !== "" && Number.isFinite(Number(value)));
    return !ownColumns.has(name) && !numeric && values.size >= 2 && values.size <= 12 && rows.length >= 4 * values.size;
  });
}

async function csvCases(file: string): Promise<CaseTable> {
  const { columns, rows } = await readCsv(file);
  const numeric = new Set(["score", "label", "threshold"]);
  const named = columns.map((name) => (["id", "file", "file_name", "filename"].includes(name) && !columns.includes("case") ? "case" : name));
  return { columns: named, rows: rows.map((row) => columns.map((name) => (numeric.has(name) ? Number(row[name]) : row[name]))) };
}

/** Columns whose values are text or numbers throughout. */
export function caseTable(cases: ScoreReport["cases"]): CaseTable {
  const plain = (value: unknown): boolean => value === null || value === undefined || typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
  const columns = [...new Set(cases.flatMap(Object.keys))].filter((name) => cases.every((row) => plain(row[name])));
  return { columns, rows: cases.map((row) => columns.map((name) => (row[name] ?? null) as string | number | null)) };
}
