import { changes } from "../cache/index.js";
import type { Progress } from "../core/index.js";
import { findEngines } from "../engine/index.js";
import type { ExecutorName } from "./execute/open.js";
import type { Resources, Study } from "./file/study.js";
import { clusterEngine, localEngine, openPlanner } from "./plan/plan.js";
import { studyStore } from "./run-study.js";
import { becauseText } from "./show/lines.js";

export interface PreviewedRun {
  readonly id: string;
  readonly key: string;
  readonly state: "done" | "to do";
  readonly resources: Resources;
  /** ` (changed: …)`, or nothing on the first time. */
  readonly because: string;
}

/** What `runStudy` would do. Sample data are made where they are missing, because they are part of a run's key. */
export async function previewStudy(
  study: Study,
  { root, executor, progress, signal }: { root: string; executor: ExecutorName; progress: Progress; signal?: AbortSignal },
): Promise<PreviewedRun[]> {
  const engine = executor === "slurm" ? clusterEngine : localEngine(await findEngines());
  const planner = await openPlanner(study, { root, progress, signal, engine });
  const store = studyStore(root);
  const found: PreviewedRun[] = [];
  for (const run of study.runs) {
    const { key, ingredients } = await planner.plan(run);
    const done = (await store.find(key)) !== undefined;
    const before = done ? undefined : await store.latest(`study ${study.name} ${run.id}`);
    found.push({ id: run.id, key, state: done ? "done" : "to do", resources: run.resources, because: before === undefined ? "" : becauseText(changes(before.ingredients, ingredients)) });
  }
  await planner.save();
  return found;
}
