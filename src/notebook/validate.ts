/** One place where a notebook breaks the rules of nbformat 4.5: where, and what the rule is. */
export interface Problem {
  readonly where: string;
  readonly rule: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Checks parsed JSON against the nbformat 4.5 schema. @returns the first problems, at most ten; none when it is valid */
export function findProblems(json: unknown): Problem[] {
  const problems: Problem[] = [];
  const check = (holds: boolean, where: string, rule: string): boolean => {
    if (!holds && problems.length < 10) problems.push({ where, rule });
    return holds;
  };
  if (!check(isObject(json), "notebook", "must be a JSON object")) return problems;
  const notebook = json as Fields;
  check(notebook.nbformat === 4, "nbformat", "must be 4");
  check(isCount(notebook.nbformat_minor) && (notebook.nbformat_minor as number) >= 5, "nbformat_minor", "must be 5 or more");
  check(isObject(notebook.metadata), "metadata", "must be an object");
  if (!check(Array.isArray(notebook.cells), "cells", "must be a list")) return problems;
  const ids = new Set<unknown>();
  (notebook.cells as unknown[]).forEach((cell, i) => {
    const where = `cells[${i}]`;
    if (!check(isObject(cell), where, "must be an object")) return;
    checkCell(cell as Fields, where, check);
    check(!ids.has((cell as Fields).id), `${where}.id`, "must be unique in the notebook");
    ids.add((cell as Fields).id);
  });
  return problems;
}

type Check = (holds: boolean, where: string, rule: string) => boolean;

const cellFields: Readonly<Record<string, readonly string[]>> = {
  code: ["id", "cell_type", "metadata", "source", "outputs", "execution_count"],
  markdown: ["id", "cell_type", "metadata", "source", "attachments"],
  raw: ["id", "cell_type", "metadata", "source", "attachments"],
};

function checkCell(cell: Fields, where: string, check: Check): void {
  const fields = cellFields[String(cell.cell_type)];
  if (!check(fields !== undefined, `${where}.cell_type`, "must be code, markdown or raw")) return;
  for (const name of Object.keys(cell))
    check(fields.includes(name), `${where}.${name}`, `is not a field of a ${String(cell.cell_type)} cell`);
  check(
    typeof cell.id === "string" && /^[a-zA-Z0-9-_]{1,64}$/.test(cell.id),
    `${where}.id`,
    "must be 1 to 64 letters, digits, - or _",
  );
  check(isText(cell.source), `${where}.source`, "must be text or a list of lines");
  if (check(isObject(cell.metadata), `${where}.metadata`, "must be an object"))
    checkTags((cell.metadata as Fields).tags, `${where}.metadata.tags`, check);
  if (cell.cell_type !== "code") return;
  check(
    cell.execution_count === null || isCount(cell.execution_count),
    `${where}.execution_count`,
    "must be null or a whole number",
  );
  if (!check(Array.isArray(cell.outputs), `${where}.outputs`, "must be a list")) return;
  (cell.outputs as unknown[]).forEach((output, i) => checkOutput(output, `${where}.outputs[${i}]`, check));
}

function checkTags(tags: unknown, where: string, check: Check): void {
  if (tags === undefined) return;
  const texts = Array.isArray(tags) && tags.every((tag) => typeof tag === "string" && /^[^,]+$/.test(tag));
  check(texts && new Set(tags).size === tags.length, where, "must be a list of different texts without commas");
}

const outputFields: Readonly<Record<string, readonly string[]>> = {
  stream: ["output_type", "name", "text"],
  display_data: ["output_type", "data", "metadata"],
  execute_result: ["output_type", "data", "metadata", "execution_count"],
  error: ["output_type", "ename", "evalue", "traceback"],
};

function checkOutput(output: unknown, where: string, check: Check): void {
  if (!check(isObject(output), where, "must be an object")) return;
  const fields = output as Fields;
  const type = String(fields.output_type);
  const allowed = outputFields[type];
  if (!check(allowed !== undefined, `${where}.output_type`, `must be ${Object.keys(outputFields).join(", ")}`)) return;
  for (const name of Object.keys(fields)) check(allowed.includes(name), `${where}.${name}`, `is not a field of ${type}`);
  for (const name of allowed) check(name in fields, `${where}.${name}`, "is required");
  if (type === "stream") check(typeof fields.name === "string" && isText(fields.text), where, "must have a name and text");
  if (type === "error")
    check(
      typeof fields.ename === "string" && typeof fields.evalue === "string" && isLines(fields.traceback),
      where,
      "must have ename, evalue and a traceback of lines",
    );
  if (type === "execute_result")
    check(
      fields.execution_count === null || isCount(fields.execution_count),
      `${where}.execution_count`,
      "must be null or a whole number",
    );
  if (!allowed.includes("data")) return;
  check(isObject(fields.metadata), `${where}.metadata`, "must be an object");
  if (!check(isObject(fields.data), `${where}.data`, "must be an object")) return;
  for (const [mime, value] of Object.entries(fields.data as Fields))
    check(isJsonMime(mime) || isText(value), `${where}.data["${mime}"]`, "must be text or a list of lines");
}

export const isJsonMime = (mime: string): boolean => /^application\/(.*\+)?json$/.test(mime);

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isLines = (value: unknown): boolean => Array.isArray(value) && value.every((line) => typeof line === "string");
const isText = (value: unknown): boolean => typeof value === "string" || isLines(value);
