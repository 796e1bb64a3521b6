import { findEngines } from "../../engine/index.js";
import type { Study } from "../file/study.js";
import { clusterEngine, localEngine, type PlanOptions } from "../plan/plan.js";
import type { Executor } from "./executor.js";
import { localExecutor } from "./local.js";
import { thisMachine } from "./machine.js";

export const executorNames = ["local", "slurm"] as const;
export type ExecutorName = (typeof executorNames)[number];

export interface OpenExecutorOptions {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** @throws ExecutorUnavailable */
export async function openExecutor(name: ExecutorName, study: Study, { env }: OpenExecutorOptions): Promise<{ executor: Executor; engine: PlanOptions["engine"] }> {
  if (name === "local") return { executor: localExecutor(thisMachine(env), env), engine: localEngine(await findEngines()) };
  throw new Error(`not yet: ${study.name} ${String(clusterEngine)}`);
}
