import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { openStore } from "../../cache/index.js";
import { fileProgress, FolioError } from "../../core/index.js";
import { endLeftOver, WorkFailed } from "./child.js";
import { place, writeOutcome, type Job, type Outcome } from "./job.js";
import { takeRecords } from "./records.js";
import type { Perform } from "./workplace.js";

export interface PerformOptions {
  readonly folder: string;
  /** Names this attempt. */
  readonly attempt: string;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Performs a run and puts what it made into the store, unless the store has it already. Whoever calls holds the run's lock.
 * The store's entry appears whole and last, so a kill at any moment means "not done", and never "half done".
 * @returns how it ended, also written to `outcome.json`
 */
export async function performRun(job: Job, { folder, attempt, signal, env }: PerformOptions): Promise<Outcome> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const end = async (outcome: Outcome): Promise<Outcome> => {
    await writeOutcome(folder, outcome);
    return outcome;
  };
  const limit = new AbortController();
  const { minutes } = job.run.resources;
  const timer = minutes === undefined ? undefined : setTimeout(() => limit.abort(), minutes * 60_000);
  try {
    await rm(join(folder, place.outcome), { force: true });
    const store = openStore(job.store);
    if ((await store.find(job.key)) === undefined) {
      const records = join(folder, place.records);
      await endLeftOver(folder);
      await rm(records, { recursive: true, force: true });
      await mkdir(records, { recursive: true });
      const perform = await performerOf(job);
      const kept = await perform(job.run, {
        root: job.root,
        folder,
        ...(job.data !== undefined && { data: job.data }),
        records,
        work: join(folder, place.work),
        progress: fileProgress(join(folder, place.progress)),
        env: { ...env, FOLIO_PROGRESS: join(folder, place.progress), FOLIO_THREADS: String(job.run.resources.cores) },
        signal: AbortSignal.any([signal, limit.signal]),
      });
      const files = { ...(await takeRecords(job.run, records)), ...kept };
      await store.put(`study ${job.study} ${job.run.id}`, job.ingredients, files, { seconds: seconds() });
    }
    return await end({ state: "done", attempt, seconds: seconds() });
  } catch (error) {
    if (signal.aborted) return await end({ state: "interrupted", attempt, seconds: seconds() });
    const said = error instanceof Error ? error.message : String(error);
    const message = limit.signal.aborted ? `took longer than ${minutes} minutes and was stopped; what it had saved is where the next attempt begins` : said;
    process.stdout.write(`${error instanceof Error ? (error.stack ?? said) : said}\n`);
    return await end({ state: "failed", attempt, seconds: seconds(), error: message, ...(isCallers(error) && { hopeless: true }) });
  } finally {
    clearTimeout(timer);
  }
}

/** Of Folio's own commands and parameters: the study file asks for something that there is not. */
const isCallers = (error: unknown): boolean => error instanceof FolioError && (error.exitCode === 2 || (error instanceof WorkFailed && error.program.startsWith("folio ") && error.ended === "exit code 2"));

// Loaded one by one, so that a run's key holds only the code of its own kind of work.
async function performerOf({ run }: Job): Promise<Perform> {
  switch (run.work.kind) {
    case "method":
      return (await import("./method.js")).performMethod;
    case "notebook":
      return (await import("./notebook.js")).performNotebook;
    default:
      return (await import("./command.js")).performCommand;
  }
}
