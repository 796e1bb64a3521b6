import { join } from "node:path";
import { openStore, tryLock, type Store } from "../cache/index.js";
import { silent, UsageError, type Progress } from "../core/index.js";
import { drive } from "./drive/drive.js";
import { openPublisher } from "./drive/publish.js";
import { clearCancel, isCancelled, statusWriter } from "./drive/status.js";
import type { OnChange } from "./drive/run-table.js";
import type { RunView } from "./drive/view.js";
import type { Executor } from "./execute/executor.js";
import { openExecutor, type ExecutorName } from "./execute/open.js";
import type { Study } from "./file/study.js";
import { openPlanner, type PlanOptions } from "./plan/plan.js";

export interface RunStudyOptions {
  /** The project: `reports/`, `results/`, `data/`, `runs/` and `.folio/` lie in it. */
  readonly root: string;
  readonly executor: ExecutorName;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this computer, at most so many; all of them when absent. */
  readonly cores?: number;
  /** For the making of sample data. */
  readonly progress?: Progress;
  readonly onChange?: OnChange;
  readonly signal?: AbortSignal;
}

export interface RanStudy {
  readonly runs: readonly RunView[];
  readonly results: string;
}

/** Where everything that studies finished is kept. */
export const studyStore = (root: string): Store => openStore(join(root, ".folio", "cache"));

/**
 * Runs what a study asks for and has not been done yet, here or on a cluster, and brings its records to the study's results.
 * Calling it again goes on where an earlier call ended, whatever ended it.
 * @throws UsageError when another process is running this study
 * @example await runStudy(await readStudy(root, "five-papers"), { root, executor: "local", env: process.env })
 */
export async function runStudy(study: Study, { root, executor: name, env, cores, progress = silent, onChange = () => {}, signal }: RunStudyOptions): Promise<RanStudy> {
  const { executor, engine } = await openExecutor(name, study, { root, env, cores });
  return runWith(study, executor, { root, progress, engine, onChange, signal });
}

/** {@link runStudy} with an executor that is open already; closes it. */
export async function runWith(study: Study, executor: Executor, { root, progress, engine, onChange, signal }: PlanOptions & Pick<RunStudyOptions, "onChange">): Promise<RanStudy> {
  const folder = join(root, "runs", study.name);
  const lock = await tryLock(join(folder, "driver.lock"));
  if (lock === undefined) {
    await executor.close();
    throw new UsageError(`study ${study.name} is being run by another process already; folio study status ${study.name} shows where it stands.`);
  }
  try {
    await clearCancel(root, study.name);
    const store = studyStore(root);
    const noted = statusWriter(root, study.name);
    const publisher = openPublisher(study, root, store);
    const planner = await openPlanner(study, { root, progress, signal, engine });
    const runs = await drive(study, {
      root,
      store,
      planner,
      executor,
      onChange: (table, run) => {
        noted.update(table);
        onChange?.(table, run);
      },
      onDone: ({ run }, entry) => publisher.publish(run.id, entry),
      cancelled: () => isCancelled(root, study.name),
      signal: signal ? AbortSignal.any([signal, lock.lost]) : lock.lost,
    });
    await publisher.end(runs);
    await noted.end(runs);
    return { runs, results: join(root, study.results) };
  } finally {
    await executor.close();
    await lock.release();
  }
}
