import { readStatus, requestCancel } from "./drive/status.js";
import { slurmFolder } from "./execute/open.js";
import { cancelSubmitted } from "./execute/slurm/slurm.js";
import type { Study } from "./file/study.js";

/**
 * Stops a study wherever its runs are. Where a process looks after it, that one is asked to.
 * @returns `asked`, `none`, or how many jobs of a cluster were cancelled without it
 */
export async function cancelStudy(study: Study, { root, env }: { root: string; env: Readonly<Record<string, string | undefined>> }): Promise<"asked" | "none" | number> {
  if ((await readStatus(root, study.name))?.driven !== true) return (await cancelSubmitted(slurmFolder(root, study.name), env)) || "none";
  await requestCancel(root, study.name);
  return "asked";
}
