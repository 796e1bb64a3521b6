// The program that performs one run: node dist/study/work/worker.js RUN-FOLDER
// Exit codes: 0 done, 1 failed, 75 interrupted (try again, as sysexits.h says).
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { performRun } from "./perform.js";
import { claimKey } from "./claim.js";
import { noteAttempt, place, readJob, writeOutcome } from "./job.js";
import { takeLock, type Lock } from "../../cache/index.js";
import { Interrupted } from "../../core/index.js";

const exitCodes = { done: 0, failed: 1, interrupted: 75 } as const;

const folder = resolve(process.argv[2]);
const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT", "SIGUSR1"] as const) process.on(signal, () => stop.abort());
// The local driver holds the other end of this channel: when it dies, its workers save their state and go.
process.on("disconnect", () => stop.abort());

const job = await readJob(folder);
const attempt = randomUUID().slice(0, 8);
const locks: Lock[] = [];
const hold = (lock: Lock): void => {
  lock.lost.addEventListener("abort", () => stop.abort());
  locks.unshift(lock);
};
try {
  hold(await takeLock(join(folder, place.lock), { signal: stop.signal }));
  hold(await claimKey(job, folder, stop.signal));
  await noteAttempt(folder, { attempt, event: "begins", at: new Date().toISOString(), host: hostname(), pid: process.pid, slurm: process.env.SLURM_JOB_ID });
  const outcome = await performRun(job, { folder, attempt, signal: stop.signal, env: process.env });
  await noteAttempt(folder, { ...outcome, event: "ends", at: new Date().toISOString() });
  process.exitCode = exitCodes[outcome.state];
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
  // Stopped while another process was still at the same work.
  await writeOutcome(folder, { state: "interrupted", attempt, seconds: 0 });
  process.exitCode = exitCodes.interrupted;
} finally {
  for (const lock of locks) await lock.release();
}
if (process.connected) process.disconnect();
