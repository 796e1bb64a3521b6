import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { place } from "../work/job.js";
import { CannotRun } from "./errors.js";
import type { Executor, ExecutorJob, JobStatus } from "./executor.js";
import type { Machine } from "./machine.js";

const workerFile = fileURLToPath(new URL("../work/worker.js", import.meta.url));

/** How long `poll` waits when nothing happens. */
const idleMs = 1000;

/**
 * Runs workers as processes of this computer, first come first served, as many at a time as its cores, memory and GPUs
 * allow. When this process dies, they notice, save their state and go.
 */
export function localExecutor(machine: Machine, env: Readonly<Record<string, string | undefined>>): Executor {
  const waiting: ExecutorJob[] = [];
  const running = new Map<string, { readonly job: ExecutorJob; readonly child: ChildProcess; readonly gpus: readonly number[] }>();
  let news: JobStatus[] = [];
  let wake = (): void => {};
  const tell = (status: JobStatus): void => {
    news.push(status);
    wake();
  };

  const freeGpus = (): number[] => {
    const taken = new Set([...running.values()].flatMap(({ gpus }) => gpus));
    return machine.gpus.filter((gpu) => !taken.has(gpu));
  };
  const used = (what: "cores" | "memoryGb"): number => [...running.values()].reduce((sum, { job }) => sum + Math.min(job.resources[what], machine[what]), 0);
  const fits = ({ resources }: ExecutorJob): boolean =>
    used("cores") + Math.min(resources.cores, machine.cores) <= machine.cores &&
    used("memoryGb") + resources.memoryGb <= machine.memoryGb &&
    resources.gpus <= freeGpus().length;

  const start = (job: ExecutorJob): void => {
    const gpus = freeGpus().slice(0, job.resources.gpus);
    const log = openSync(join(job.folder, place.log), "a");
    const child = fork(workerFile, [job.folder], {
      stdio: ["ignore", log, log, "ipc"],
      env: { ...env, CUDA_VISIBLE_DEVICES: machine.gpus.length > 0 ? gpus.join(",") : env.CUDA_VISIBLE_DEVICES },
    });
    closeSync(log);
    running.set(job.id, { job, child, gpus });
    child.on("error", () => {});
    child.once("exit", (code, signal) => {
      running.delete(job.id);
      tell({ id: job.id, state: "ended", ...(signal !== null ? { reason: `signal ${signal}` } : code !== 0 && { reason: `exit code ${code}` }) });
      startWhatFits();
    });
    tell({ id: job.id, state: "running", where: hostname() });
  };
  // In order: a large job is not overtaken for ever by small ones.
  const startWhatFits = (): void => {
    while (waiting.length > 0 && fits(waiting[0])) start(waiting.shift()!);
  };

  return {
    name: "local",
    onDetach: "stop",
    async submit(jobs) {
      for (const { id, resources } of jobs) {
        if (resources.memoryGb > machine.memoryGb) throw new CannotRun([id], `${resources.memoryGb} GB of memory`, `there are ${machine.memoryGb.toFixed(1)} GB here`);
        if (resources.gpus > machine.gpus.length) throw new CannotRun([id], `${resources.gpus} GPU`, `there are ${machine.gpus.length} here`);
      }
      waiting.push(...jobs);
      startWhatFits();
    },
    async poll(signal) {
      if (news.length === 0) {
        const timer = new AbortController();
        const woken = new Promise<void>((resolve) => (wake = resolve));
        await Promise.race([woken, sleep(idleMs, undefined, { signal: AbortSignal.any([timer.signal, ...(signal ? [signal] : [])]) }).catch(() => {})]);
        timer.abort();
      }
      const told = news;
      news = [];
      return told;
    },
    async cancel(ids) {
      const wanted = new Set(ids);
      for (const job of waiting.filter(({ id }) => wanted.has(id))) {
        waiting.splice(waiting.indexOf(job), 1);
        tell({ id: job.id, state: "ended", reason: "cancelled" });
      }
      for (const [id, { child }] of running) if (wanted.has(id)) child.kill("SIGTERM");
    },
    async close() {
      waiting.length = 0;
      await Promise.all([...running.values()].map(async ({ child }) => {
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        await ended;
      }));
    },
  };
}
