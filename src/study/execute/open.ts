import { join } from "node:path";
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
}

export const slurmFolder = (root: string, study: string): string => join(root, "runs", study, "slurm");

/** @throws ExecutorUnavailable */
export async function openExecutor(name: ExecutorName, study: Study, { root, env }: OpenExecutorOptions): Promise<{ executor: Executor; engine: PlanOptions["engine"] }> {
  if (name === "local") return { executor: localExecutor(thisMachine(env), env), engine: localEngine(await findEngines()) };
  return { executor: await slurmExecutor({ study: study.name, settings: study.slurm, folder: slurmFolder(root, study.name), env }), engine: clusterEngine };
}
