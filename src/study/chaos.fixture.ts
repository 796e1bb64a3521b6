import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Project } from "./project.fixture.js";

const driverFile = fileURLToPath(new URL("./driver.fixture.js", import.meta.url));

export interface Driver {
  readonly child: ChildProcess;
  /** What it printed and how it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly out: string }>;
}

export function startDriver({ root }: Project, study: string, where: "local" | "slurm", env: Readonly<Record<string, string | undefined>> = process.env): Driver {
  const child = spawn(process.execPath, [driverFile, root, study, where], { env: { ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (out += chunk.toString()));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, out }));
  return { child, ended };
}

/** Process ids of the workers, and of the programs they started, that work on a project right now. */
export async function processesOf({ root }: Project): Promise<{ workers: number[]; programs: number[] }> {
  const found = { workers: [] as number[], programs: [] as number[] };
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    if (command[1]?.endsWith(join("work", "worker.js")) && command[2]?.startsWith(root)) found.workers.push(Number(pid));
    if (command[1] === join(root, "run.mjs")) found.programs.push(Number(pid));
  }
  return found;
}

/** How often each step of each run was done. */
export async function stepCounts(project: Project): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const step of await project.steps()) counts.set(step, (counts.get(step) ?? 0) + 1);
  return counts;
}
