import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FolioError } from "../../core/index.js";
import { readRecords, recordOfFold, writeRecord, type ResultRecord } from "../../results/index.js";
import type { Run } from "../file/study.js";

/** The work ended well but left nothing a report could read. */
export class NoRecords extends FolioError {
  readonly code = "no-records";
  constructor(
    readonly run: string,
    readonly folder: string,
  ) {
    super(`${run}: the work ended without a result record in ${folder}. Write one with writeRecord, or as folio.result/1 JSON.`);
  }
}

/**
 * Checks the records a run left and marks them with what only the study knows: its variant (`aespa@faithful`) and fold.
 * @returns the files, by their path in the store
 * @throws NoRecords, BadRecord
 */
export async function takeRecords(run: Run, folder: string): Promise<Record<string, string>> {
  const found = await readRecords(folder);
  if (found.length === 0) throw new NoRecords(run.id, folder);
  const files: Record<string, string> = {};
  for (const record of found) {
    const marked = markRecord(record, run);
    if (marked.id !== record.id) {
      await writeRecord(folder, marked);
      await rm(join(folder, `${record.id}.json`));
    }
    files[`records/${marked.id}.json`] = join(folder, `${marked.id}.json`);
  }
  return files;
}

function markRecord(record: ResultRecord, { variant, fold, folds }: Run): ResultRecord {
  const own = recordOfFold(record, fold === undefined ? undefined : { fold, folds });
  return variant === undefined ? own : { ...own, id: `${own.id}-${variant}`, variant: `${own.variant}@${variant}` };
}
