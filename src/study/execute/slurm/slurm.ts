import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import type { SlurmSettings } from "../../file/study.js";
import { CannotRun, ExecutorUnavailable } from "../errors.js";
import type { Executor, ExecutorJob, JobStatus } from "../executor.js";
import { backOff } from "./back-off.js";
import { SlurmError, slurmCommands } from "./commands.js";
import { batchScript } from "./script.js";
import { listPath, readSubmissions, saveSubmission, writeBatch, type Submission } from "./submissions.js";
import { accountingColumns, isHopeless, isStranded, isWaiting, queueFormat, readAccounting, readJobs, readQueue, type ArrayTask } from "./tasks.js";

export interface SlurmOptions {
  readonly study: string;
  readonly settings: SlurmSettings;
  /** Where submissions are written down, on the file system that the nodes share. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How often the queue is looked at: soon after something happened, rarely while nothing does. */
  readonly pollMs?: { readonly least: number; readonly most: number };
}

const workerFile = fileURLToPath(new URL("../../work/worker.js", import.meta.url));

/** Slurm's default for the largest array. */
const mostTasks = 1000;

interface Known {
  readonly job: ExecutorJob;
  task: string;
  state: JobStatus["state"];
}

/**
 * Runs workers as job arrays of a Slurm cluster whose nodes share this file system. There is no daemon of ours: runs go on
 * when this process ends, and a later one finds them again by what was written down before they were submitted.
 */
export async function slurmExecutor({ study, settings, folder, env, pollMs = { least: 2000, most: 30_000 } }: SlurmOptions): Promise<Executor> {
  const slurm = slurmCommands(env);
  await requireSlurm(slurm);
  await mkdir(folder, { recursive: true });
  const known = new Map<string, Known>();
  const waits = backOff({ leastMs: pollMs.least, mostMs: pollMs.most });
  let wait = 0;

  const queue = async (): Promise<ReturnType<typeof readQueue>> => readQueue(await slurm("squeue", "-h", "-r", "--me", "-o", queueFormat));

  /** Tasks of earlier submissions that are still in the queue, by run. */
  const stillThere = async (): Promise<ReadonlyMap<string, string>> => {
    const submissions = await readSubmissions(folder);
    if (submissions.length === 0) return new Map();
    const tasks = await queue();
    const found = new Map<string, string>();
    for (const { jobName, jobId, runs } of submissions) {
      for (const task of tasks.filter((one) => !isStranded(one))) {
        const [job, index] = task.name.split("_");
        if (job === jobId || (jobId === undefined && task.jobName === jobName)) found.set(runs[Number(index)].folder, task.name);
      }
    }
    return found;
  };

  /** While the controller does not answer it is asked again – unless it turns out that it had taken the job after all. */
  const submitScript = async (path: string, jobName: string): Promise<string> => {
    for (const pause = backOff({ leastMs: pollMs.least, mostMs: pollMs.most }); ; ) {
      try {
        return (await slurm("sbatch", "--parsable", path)).trim().split(";")[0];
      } catch (error) {
        if (!(error instanceof SlurmError && error.unreachable)) throw error;
      }
      await sleep(pause.next(false));
      const taken = await queue().catch(() => []);
      const [task] = taken.filter((one) => one.jobName === jobName);
      if (task !== undefined) return task.name.split("_")[0];
    }
  };

  const submitArray = async (jobs: readonly ExecutorJob[]): Promise<void> => {
    const token = randomUUID().slice(0, 8);
    const jobName = `folio-${study.replaceAll("/", "-")}-${token}`;
    const submission: Submission = { token, jobName, runs: jobs.map(({ id, folder: at }) => ({ id, folder: at })) };
    const script = batchScript({ jobName, tasks: jobs.length, resources: jobs[0].resources, settings, folders: listPath(folder, token), output: join(folder, `${token}-%a.out`), node: process.execPath, worker: workerFile });
    const path = await writeBatch(folder, token, { script, folders: jobs.map((job) => job.folder) });
    await saveSubmission(folder, submission);
    try {
      const jobId = await submitScript(path, jobName);
      await saveSubmission(folder, { ...submission, jobId });
      jobs.forEach((job, index) => known.set(job.id, { job, task: `${jobId}_${index}`, state: "queued" }));
    } catch (error) {
      if (!(error instanceof SlurmError)) throw error;
      throw new CannotRun(jobs.map(({ id }) => id), `what Slurm refuses`, error.said);
    }
  };

  /** Why tasks that left the queue did so; accounting is not everywhere, and without it the controller remembers for a while. */
  const endings = async (tasks: readonly string[]): Promise<ReadonlyMap<string, ArrayTask>> => {
    const jobs = [...new Set(tasks.map((task) => task.split("_")[0]))];
    const found = await slurm("sacct", "-n", "-P", "-X", "-o", accountingColumns, "-j", jobs.join(",")).then(readAccounting).catch(async () => {
      const texts = await Promise.all(jobs.map((job) => slurm("scontrol", "show", "job", "-o", job).catch(() => "")));
      return readJobs(texts.join("\n"));
    });
    return new Map(found.map((task) => [task.name, task]));
  };

  const look = async (): Promise<JobStatus[]> => {
    const open = [...known].filter(([, { state }]) => state !== "ended");
    if (open.length === 0) return [];
    const tasks = new Map((await queue()).map((task) => [task.name, task]));
    const abandoned = open.flatMap(([id, item]): JobStatus[] => {
      const task = tasks.get(item.task);
      if (task === undefined || !(isHopeless(task) || isStranded(task))) return [];
      item.state = "ended";
      if (isStranded(task)) return [{ id, state: "ended", reason: `REQUEUE_HOLD: ${task.reason}` }];
      return [{ id, state: "ended", hopeless: true, reason: `Slurm lets it wait for ever: ${task.reason}` }];
    });
    if (abandoned.length > 0) await slurm("scancel", "--quiet", ...abandoned.map(({ id }) => known.get(id)!.task)).catch(() => {});
    const gone = open.filter(([, { task }]) => !tasks.has(task));
    const ended = gone.length === 0 ? new Map<string, ArrayTask>() : await endings(gone.map(([, { task }]) => task));
    const changed = open.filter(([, { state }]) => state !== "ended").flatMap(([id, item]): JobStatus[] => {
      const task = tasks.get(item.task) ?? ended.get(item.task);
      const state = !tasks.has(item.task) ? "ended" : isWaiting(task!.state) ? "queued" : "running";
      if (state === item.state) return [];
      item.state = state;
      return [{ id, state, ...(task !== undefined && { reason: task.state }), ...(task?.node !== undefined && { where: task.node }) }];
    });
    return [...abandoned, ...changed];
  };

  return {
    name: "slurm",
    onDetach: "leave",
    async submit(jobs) {
      const before = await stillThere();
      const fresh = jobs.filter(({ folder: at }) => !before.has(at));
      for (const job of jobs) if (before.has(job.folder)) known.set(job.id, { job, task: before.get(job.folder)!, state: "queued" });
      for (const group of alike(fresh)) for (let at = 0; at < group.length; at += mostTasks) await submitArray(group.slice(at, at + mostTasks));
      wait = pollMs.least;
    },
    async poll(signal) {
      await sleep(wait, undefined, { signal }).catch(() => {});
      try {
        const changed = await look();
        wait = waits.next(changed.length > 0);
        return changed;
      } catch (error) {
        // A controller that is restarted or busy answers again; the runs do not depend on it meanwhile.
        if (!(error instanceof SlurmError && error.unreachable)) throw error;
        wait = waits.next(false);
        return [];
      }
    },
    async cancel(ids) {
      const tasks = ids.flatMap((id) => (known.get(id)?.state === "ended" ? [] : (known.get(id)?.task ?? [])));
      for (let at = 0; at < tasks.length; at += 200) await slurm("scancel", "--quiet", ...tasks.slice(at, at + 200)).catch(() => {});
      wait = 0;
    },
    async close() {},
  };
}

/** Tasks of one array have the same resources. */
function alike(jobs: readonly ExecutorJob[]): ExecutorJob[][] {
  const groups = new Map<string, ExecutorJob[]>();
  for (const job of jobs) {
    const key = JSON.stringify(job.resources);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [job]);
    else group.push(job);
  }
  return [...groups.values()];
}

async function requireSlurm(slurm: ReturnType<typeof slurmCommands>): Promise<void> {
  try {
    await slurm("squeue", "--version");
  } catch (error) {
    throw new ExecutorUnavailable("slurm", (error as Error).message, "Call this on a login node of the cluster, or take --executor local.");
  }
}

/** Cancels what earlier processes submitted for a study, when none looks after it. @returns how many tasks there were */
export async function cancelSubmitted(folder: string, env: Readonly<Record<string, string | undefined>>): Promise<number> {
  const submissions = await readSubmissions(folder);
  if (submissions.length === 0) return 0;
  const slurm = slurmCommands(env);
  const ours = new Set(submissions.map(({ jobName }) => jobName));
  const tasks = readQueue(await slurm("squeue", "-h", "-r", "--me", "-o", queueFormat)).filter(({ jobName }) => ours.has(jobName));
  if (tasks.length > 0) await slurm("scancel", "--quiet", ...new Set(tasks.map(({ name }) => name.split("_")[0])));
  return tasks.length;
}
