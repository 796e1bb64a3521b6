import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { BadFile, writeJsonAtomic } from "../core/index.js";
import type { ResultRecord } from "./record.js";
import { BadRecord, validateRecord } from "./validate.js";

/**
 * Writes `<folder>/<record.id>.json`, checked, whole or not at all; keys sorted, so equal records give equal bytes.
 * @returns the file's path
 * @throws BadRecord when the record breaks the schema
 */
export async function writeRecord(folder: string, record: ResultRecord): Promise<string> {
  const path = join(folder, `${record.id}.json`);
  validateRecord(record, path);
  await writeJsonAtomic(path, record);
  return path;
}

/**
 * Reads every `*.json` of a study's folder, in order of id. A folder that does not exist holds no records.
 * @throws BadFile (`bad-json`) or BadRecord naming the file and the field at fault
 */
export async function readRecords(folder: string): Promise<ResultRecord[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [] as string[];
    throw error;
  });
  const files = names.filter((name) => name.endsWith(".json")).sort();
  return Promise.all(files.map((name) => readRecord(join(folder, name), name.slice(0, -".json".length))));
}

async function readRecord(path: string, id: string): Promise<ResultRecord> {
  const record = validateRecord(parse(path, await readFile(path, "utf8")), path);
  if (record.id !== id) throw new BadRecord(path, "id", `must be the file's name, "${id}"`, record.id);
  return record;
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadFile("bad-json", path, `is not JSON (${(cause as Error).message})`, "Run the evaluation that writes it again.", { cause });
  }
}
