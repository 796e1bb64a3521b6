import { BadFile, show } from "../core/index.js";
import { recordSchema, type ResultRecord } from "./record.js";

/** A result record that breaks the schema: which file, which field, what was wrong there. */
export class BadRecord extends BadFile {
  constructor(
    file: string,
    /** Path inside the JSON: `metrics[3].interval.low`. */
    readonly field: string,
    readonly rule: string,
    readonly value: unknown,
  ) {
    super("bad-record", file, `${field} ${rule}, but is ${show(value)}`, "Write records with writeRecord, or correct that field.");
  }
}

/**
 * Checks a parsed JSON value against `folio.result/1` and returns it typed.
 * @param file named in the error
 * @throws BadRecord at the first field at fault
 */
export function validateRecord(value: unknown, file: string): ResultRecord {
  const at = checker(file);
  const record = at.object(value, "record");
  at.equal(record.schema, "schema", recordSchema);
  for (const field of ["method", "variant", "split", "preset"]) at.text(record[field], field);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(at.text(record.id, "id"))) throw at.fault("id", "must be a plain file name", record.id);
  at.number(record.seed, "seed");
  if (record.fold !== undefined) at.number(record.fold, "fold");
  at.object(record.config, "config");
  const dataset = at.object(record.dataset, "dataset");
  at.text(dataset.name, "dataset.name");
  if (typeof dataset.generated !== "boolean") throw at.fault("dataset.generated", "must be true or false", dataset.generated);
  checkCases(at, record.cases);
  at.list(record.metrics, "metrics").forEach((metric, i) => checkMetric(at, metric, `metrics[${i}]`));
  if (record.artifacts !== undefined) at.object(record.artifacts, "artifacts");
  checkProvenance(at, record.provenance);
  return value as ResultRecord;
}

function checkCases(at: Checker, value: unknown): void {
  const cases = at.object(value, "cases");
  const columns = at.list(cases.columns, "cases.columns").map((name, i) => at.text(name, `cases.columns[${i}]`));
  if (new Set(columns).size !== columns.length) throw at.fault("cases.columns", "must not name a column twice", columns);
  at.list(cases.rows, "cases.rows").forEach((row, i) => {
    const cells = at.list(row, `cases.rows[${i}]`);
    if (cells.length !== columns.length) throw at.fault(`cases.rows[${i}]`, `must hold ${columns.length} values, one a column`, cells);
    cells.forEach((cell, j) => {
      if (cell !== null && typeof cell !== "string" && typeof cell !== "number") {
        throw at.fault(`cases.rows[${i}][${j}]`, "must be text, a number or null", cell);
      }
    });
  });
}

function checkMetric(at: Checker, value: unknown, path: string): void {
  const metric = at.object(value, path);
  at.text(metric.id, `${path}.id`);
  at.text(metric.convention, `${path}.convention`);
  if (metric.value !== null) at.number(metric.value, `${path}.value`);
  const n = at.number(metric.n, `${path}.n`);
  if (!Number.isInteger(n) || n < 0) throw at.fault(`${path}.n`, "must be a whole number of cases", n);
  at.list(metric.excluded, `${path}.excluded`).forEach((item, i) => {
    const exclusion = at.object(item, `${path}.excluded[${i}]`);
    at.text(exclusion.case, `${path}.excluded[${i}].case`);
    at.text(exclusion.reason, `${path}.excluded[${i}].reason`);
  });
  if (metric.group !== undefined) {
    for (const [key, name] of Object.entries(at.object(metric.group, `${path}.group`))) at.text(name, `${path}.group.${key}`);
  }
  if (metric.interval === undefined) return;
  const interval = at.object(metric.interval, `${path}.interval`);
  const low = at.number(interval.low, `${path}.interval.low`);
  const high = at.number(interval.high, `${path}.interval.high`);
  if (low > high) throw at.fault(`${path}.interval`, "must have low ≤ high", interval);
  const level = at.number(interval.level, `${path}.interval.level`);
  if (level <= 0 || level >= 1) throw at.fault(`${path}.interval.level`, "must lie between 0 and 1", level);
  at.text(interval.method, `${path}.interval.method`);
}

function checkProvenance(at: Checker, value: unknown): void {
  const provenance = at.object(value, "provenance");
  for (const [name, hash] of Object.entries(at.object(provenance.inputs, "provenance.inputs"))) at.text(hash, `provenance.inputs.${name}`);
  if (provenance.paths !== undefined) {
    for (const [name, path] of Object.entries(at.object(provenance.paths, "provenance.paths"))) at.text(path, `provenance.paths.${name}`);
  }
  for (const field of ["code", "lockfile", "engine", "device", "node"]) at.text(provenance[field], `provenance.${field}`);
  if (Number.isNaN(Date.parse(at.text(provenance.startedAt, "provenance.startedAt")))) {
    throw at.fault("provenance.startedAt", "must be an ISO 8601 time", provenance.startedAt);
  }
  at.number(provenance.seconds, "provenance.seconds");
}

type Checker = ReturnType<typeof checker>;

function checker(file: string) {
  const fault = (field: string, rule: string, value: unknown): BadRecord => new BadRecord(file, field, rule, value);
  return {
    fault,
    text(value: unknown, field: string): string {
      if (typeof value !== "string" || value === "") throw fault(field, "must be text", value);
      return value;
    },
    number(value: unknown, field: string): number {
      if (typeof value !== "number" || !Number.isFinite(value)) throw fault(field, "must be a finite number", value);
      return value;
    },
    list(value: unknown, field: string): readonly unknown[] {
      if (!Array.isArray(value)) throw fault(field, "must be a list", value);
      return value;
    },
    object(value: unknown, field: string): Record<string, unknown> {
      if (value === null || typeof value !== "object" || Array.isArray(value)) throw fault(field, "must be an object", value);
      return value as Record<string, unknown>;
    },
    equal(value: unknown, field: string, wanted: string): void {
      if (value !== wanted) throw fault(field, `must be "${wanted}"`, value);
    },
  };
}
