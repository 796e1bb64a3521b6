import { join } from "node:path";
import { UsageError } from "../../core/index.js";
import { findEngines } from "../../engine/index.js";
import type { Study } from "../file/study.js";
import { clusterEngine, localEngine, type PlanOptions } from "../plan/plan.js";
import type { Executor } from "./executor.js";
import { localExecutor } from "./local.js";
import { thisMachine } from "./machine.js";
import { slurmExecutor } from "./slurm/slurm.js";

export const executorNames = ["local", "slurm"] as const;
export type ExecutorName = (typeof executorNames)[number];

export interface OpenExecutorOptions {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this computer, at most so many; all of them when absent. */
  readonly cores?: number;
}

export const slurmFolder = (root: string, study: string): string => join(root, "runs", study, "slurm");

/** @throws ExecutorUnavailable */
export async function openExecutor(name: ExecutorName, study: Study, { root, env, cores = Infinity }: OpenExecutorOptions): Promise<{ executor: Executor; engine: PlanOptions["engine"] }> {
  if (name === "local") {
    const machine = thisMachine(env);
    return { executor: localExecutor({ ...machine, cores: Math.min(cores, machine.cores) }, env), engine: localEngine(await findEngines()) };
  }
  if (Number.isFinite(cores)) throw new UsageError("--cores is for runs on this computer; slurm: { throttle: N } in the study file says how many run at a time on a cluster.");
  return { executor: await slurmExecutor({ study: study.name, settings: study.slurm, folder: slurmFolder(root, study.name), env }), engine: clusterEngine };
}
