import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic, writeJsonAtomic } from "../../../core/index.js";

/** A job array that was, or was about to be, handed to Slurm: `<folder>/<token>.json`, beside its script and list of folders. */
export interface Submission {
  /** Part of the job's name, so that the job can be found when the answer of sbatch was lost. */
  readonly token: string;
  readonly jobName: string;
  /** Missing when the process died before sbatch answered. */
  readonly jobId?: string;
  /** By the array's index. */
  readonly runs: readonly { readonly id: string; readonly folder: string }[];
}

export const saveSubmission = (folder: string, submission: Submission): Promise<void> => writeJsonAtomic(join(folder, `${submission.token}.json`), submission);

export async function readSubmissions(folder: string): Promise<Submission[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.map((text) => JSON.parse(text) as Submission);
}

export async function writeBatch(folder: string, token: string, { script, folders }: { script: string; folders: readonly string[] }): Promise<string> {
  await writeFileAtomic(listPath(folder, token), `${folders.join("\n")}\n`);
  const path = join(folder, `${token}.sh`);
  await writeFileAtomic(path, script);
  return path;
}

export const listPath = (folder: string, token: string): string => join(folder, `${token}.folders`);
