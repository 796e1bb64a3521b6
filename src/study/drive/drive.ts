import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { changes, type Entry, type Store } from "../../cache/index.js";
import { FolioError, Interrupted, type ProgressReport } from "../../core/index.js";
import { CannotRun } from "../execute/errors.js";
import type { Executor, JobStatus } from "../execute/executor.js";
import type { Run, Study } from "../file/study.js";
import type { PlannedRun, Planner } from "../plan/plan.js";
import { place, readOutcome, writeJob } from "../work/job.js";
import { RunTable, type OnChange } from "./run-table.js";
import { isOver, type RunView } from "./view.js";

export interface DriveOptions {
  readonly root: string;
  readonly store: Store;
  readonly planner: Planner;
  readonly executor: Executor;
  /** Called when something has changed. */
  readonly onChange: OnChange;
  /** Called when a run is done, with what it made. */
  readonly onDone: (run: PlannedRun, entry: Entry) => Promise<void>;
  /** True when the user asked from elsewhere that the study stop. */
  readonly cancelled: () => Promise<boolean>;
  readonly signal?: AbortSignal;
}

/** An attempt in a row that ended without a word and without a failure of its own, such as a node that was drained. */
const mostInterruptions = 20;

/**
 * Carries out the runs of a study: those in the store are taken from there, the others are handed to the executor, and one
 * that fails or is killed is tried again as often as the study allows. A run that cannot succeed does not keep the others.
 *
 * Nothing of the state is only here: a driver that dies is replaced by calling this again.
 * @returns how every run ended; when the signal fires, with runs that are stopped (local) or still go on (slurm)
 */
export async function drive(study: Study, options: DriveOptions): Promise<readonly RunView[]> {
  const { executor, signal } = options;
  const table = new RunTable(study.runs.map(({ id }) => id), options.onChange);
  const planned = new Map<string, PlannedRun>();
  const interruptions = new Map<string, number>();

  const finish = async (run: PlannedRun, state: "done" | "unchanged"): Promise<boolean> => {
    const entry = await options.store.find(run.key);
    if (entry === undefined) return false;
    try {
      await options.store.adopt(`study ${study.name} ${run.run.id}`, entry);
      await options.onDone(run, entry);
      table.set(run.run.id, { state, seconds: Number(entry.facts.seconds ?? 0) });
    } catch (error) {
      table.set(run.run.id, { state: "failed", error: messageOf(error) });
    }
    return true;
  };

  const prepare = async (run: Run): Promise<PlannedRun | undefined> => {
    try {
      const found = await options.planner.plan(run);
      planned.set(run.id, found);
      table.set(run.id, { folder: found.folder });
      if (await finish(found, "unchanged")) return undefined;
      const before = await options.store.latest(`study ${study.name} ${run.id}`);
      table.set(run.id, { because: before === undefined ? [] : changes(before.ingredients, found.ingredients) });
      await mkdir(found.folder, { recursive: true });
      await rm(join(found.folder, place.outcome), { force: true });
      await writeJob(found.folder, { schema: "folio.job/1", study: study.name, run, key: found.key, ingredients: found.ingredients, root: options.root, store: options.store.folder, ...(found.data !== undefined && { data: found.data }) });
      return found;
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      table.set(run.id, { state: "failed", error: messageOf(error) });
      return undefined;
    }
  };

  const submit = async (runs: readonly PlannedRun[]): Promise<void> => {
    let left = runs;
    while (left.length > 0) {
      try {
        await executor.submit(left.map(({ run, folder }) => ({ id: run.id, folder, resources: run.resources })));
        for (const { run } of left) table.set(run.id, { state: "queued" }, ["planned"]);
        return;
      } catch (error) {
        if (!(error instanceof CannotRun)) throw error;
        const refused = new Set(error.ids);
        for (const id of refused) table.set(id, { state: "failed", error: error.message });
        left = left.filter(({ run }) => !refused.has(run.id));
      }
    }
  };

  const again = async (run: PlannedRun): Promise<void> => {
    await rm(join(run.folder, place.outcome), { force: true });
    table.set(run.run.id, { state: "planned" });
    await submit([run]);
  };

  const ended = async ({ id, reason, hopeless }: JobStatus): Promise<void> => {
    const run = planned.get(id);
    const view = table.get(id);
    if (run === undefined || view === undefined || isOver(view)) return;
    const outcome = await readOutcome(run.folder);
    if (await finish(run, "done")) return;
    if (stopping) return table.set(id, { state: "stopped" });
    if (hopeless) return table.set(id, { state: "failed", error: `${reason}. Lower its resources in the study file, or correct its slurm settings.` });
    if (outcome?.state === "interrupted" || (outcome === undefined && reason !== undefined && lostThroughNoFault.test(reason))) {
      const count = (interruptions.get(id) ?? 0) + 1;
      interruptions.set(id, count);
      if (count <= mostInterruptions) return again(run);
    }
    const failures = view.failures + 1;
    const error = outcome?.state === "failed" ? outcome.error : `the process ended without a result (${reason ?? "no reason known"}); see ${join(run.folder, place.log)}`;
    const last = failures > run.run.retries || (outcome?.state === "failed" && outcome.hopeless === true);
    table.set(id, { failures, error, state: last ? "failed" : "planned" });
    if (!last) await again(run);
  };

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await executor.cancel(table.views.filter((view) => !isOver(view)).map(({ id }) => id));
    for (const { id, state } of table.views) if (state === "planned") table.set(id, { state: "stopped" });
  };

  const planning = planAll(study.runs, prepare, submit, () => stopping || signal?.aborted === true);
  const plans: { over: boolean; failed?: unknown } = { over: false };
  void planning.then(() => (plans.over = true), (error: unknown) => Object.assign(plans, { over: true, failed: error }));
  while (!plans.over || table.unfinished > 0) {
    if (signal?.aborted && executor.onDetach === "leave") break;
    if (signal?.aborted || (await options.cancelled())) await stop();
    for (const status of await executor.poll(stopping ? undefined : signal)) {
      if (status.state === "ended") await ended(status);
      else table.set(status.id, { state: status.state, ...(status.where !== undefined && { where: status.where }) }, ["planned", "queued", "running"]);
    }
    await readProgress(table, planned);
    if (plans.failed !== undefined) break;
  }
  await planning.catch(() => {});
  await options.planner.save();
  if (plans.failed !== undefined && !signal?.aborted) throw plans.failed;
  return table.views;
}

/** Slurm's names for what is not the run's fault. */
const lostThroughNoFault = /NODE_FAIL|PREEMPTED|CANCELLED|REQUEUE|BOOT_FAIL|DEADLINE|cancelled/;

/** Runs are planned in order; those that are ready are handed over together, but the first ones do not wait for all. */
async function planAll(
  runs: readonly Run[],
  prepare: (run: Run) => Promise<PlannedRun | undefined>,
  submit: (runs: readonly PlannedRun[]) => Promise<void>,
  stopped: () => boolean,
): Promise<void> {
  let ready: PlannedRun[] = [];
  let since = performance.now();
  for (const run of runs) {
    if (stopped()) return;
    const found = await prepare(run);
    if (found !== undefined) ready.push(found);
    if (performance.now() - since < 1000) continue;
    await submit(ready);
    ready = [];
    since = performance.now();
  }
  if (!stopped()) await submit(ready);
}

async function readProgress(table: RunTable, planned: ReadonlyMap<string, PlannedRun>): Promise<void> {
  for (const { id } of table.running) {
    const text = await readFile(join(planned.get(id)!.folder, place.progress), "utf8").catch(() => undefined);
    if (text !== undefined) table.set(id, { progress: JSON.parse(text) as ProgressReport });
  }
}

const messageOf = (error: unknown): string => (error instanceof FolioError || error instanceof Error ? error.message : String(error));
