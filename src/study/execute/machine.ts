import { readdirSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

/** What this computer has to give. */
export interface Machine {
  readonly cores: number;
  readonly memoryGb: number;
  /** Numbers of its GPUs, as CUDA counts them. */
  readonly gpus: readonly number[];
}

/** A tenth of the memory is left to everything else. */
const share = 0.9;

/** What this process may use: its share of a container or cluster job rather than the whole computer. */
export function thisMachine(env: Readonly<Record<string, string | undefined>>): Machine {
  const limit = process.constrainedMemory();
  const bytes = limit > 0 && limit < totalmem() ? limit : totalmem();
  return { cores: availableParallelism(), memoryGb: (bytes / 2 ** 30) * share, gpus: visibleGpus(env.CUDA_VISIBLE_DEVICES) };
}

function visibleGpus(visible: string | undefined): number[] {
  if (visible !== undefined) return visible.split(",").filter((text) => /^\d+$/.test(text.trim())).map(Number);
  try {
    return readdirSync("/dev").flatMap((name) => (/^nvidia\d+$/.test(name) ? [Number(name.slice(6))] : [])).sort((a, b) => a - b);
  } catch {
    return [];
  }
}
