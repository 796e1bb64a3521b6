// The program that performs one run: node dist/study/work/worker.js RUN-FOLDER
// Exit codes: 0 done, 1 failed, 75 interrupted (try again, as sysexits.h says).
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { performRun } from "./perform.js";
import { noteAttempt, place, readJob } from "./job.js";
import { takeLock } from "../../cache/index.js";

const exitCodes = { done: 0, failed: 1, interrupted: 75 } as const;

const folder = resolve(process.argv[2]);
const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT", "SIGUSR1"] as const) process.on(signal, () => stop.abort());
// The local driver holds the other end of this channel: when it dies, its workers save their state and go.
process.on("disconnect", () => stop.abort());

const job = await readJob(folder);
const attempt = randomUUID().slice(0, 8);
const lock = await takeLock(join(folder, place.lock), { signal: stop.signal });
lock.lost.addEventListener("abort", () => stop.abort());
await noteAttempt(folder, { attempt, event: "begins", at: new Date().toISOString(), host: hostname(), pid: process.pid, slurm: process.env.SLURM_JOB_ID });
try {
  const outcome = await performRun(job, { folder, attempt, signal: stop.signal, env: process.env });
  await noteAttempt(folder, { ...outcome, event: "ends", at: new Date().toISOString() });
  process.exitCode = exitCodes[outcome.state];
} finally {
  await lock.release();
}
if (process.connected) process.disconnect();
