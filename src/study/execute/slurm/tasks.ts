/** A task of a job array, as Slurm's commands name it. */
export interface ArrayTask {
  /** `4711_3` */
  readonly name: string;
  readonly state: string;
  readonly node?: string;
}

/** Format for `squeue -h -r -o`, one task a line. */
export const queueFormat = "%F|%K|%T|%N|%j|%r";

export interface QueuedTask extends ArrayTask {
  readonly jobName: string;
  /** Why it waits. */
  readonly reason: string;
}

/** Reads what `squeue -h -r -o '%F|%K|%T|%N|%j|%r'` prints. */
export function readQueue(text: string): QueuedTask[] {
  return rows(text).flatMap(([job, index, state, node, jobName, reason]) => (/^\d+$/.test(job) && /^\d+$/.test(index ?? "") ? [{ name: `${job}_${index}`, state, ...(node !== undefined && node !== "" && { node }), jobName: jobName ?? "", reason: reason ?? "" }] : []));
}

/** Columns for `sacct -n -P -X -o`. */
export const accountingColumns = "JobID,State,ExitCode,NodeList";

/** Reads what `sacct -n -P -X -o JobID,State,ExitCode,NodeList` prints; `CANCELLED by 1000` is CANCELLED. */
export function readAccounting(text: string): ArrayTask[] {
  return rows(text).flatMap(([name, state, , node]) => (/^\d+_\d+$/.test(name) ? [{ name, state: state.split(" ")[0], ...(node !== undefined && node !== "" && { node }) }] : []));
}

/** Reads what `scontrol show job -o` prints, for clusters without accounting. */
export function readJobs(text: string): ArrayTask[] {
  return text.split("\n").flatMap((line) => {
    const field = (name: string): string | undefined => new RegExp(`(?:^| )${name}=(\\S+)`).exec(line)?.[1];
    const [job, index, state, node] = [field("ArrayJobId"), field("ArrayTaskId"), field("JobState"), field("NodeList")];
    if (job === undefined || index === undefined || state === undefined || !/^\d+$/.test(index)) return [];
    return [{ name: `${job}_${index}`, state, ...(node !== undefined && node !== "(null)" && { node }) }];
  });
}

const rows = (text: string): string[][] => text.split("\n").filter((line) => line.trim() !== "").map((line) => line.split("|").map((part) => part.trim()));

/** Slurm's states of a task that still waits; every other one in the queue has a node. */
export const isWaiting = (state: string): boolean => ["PENDING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT", "CONFIGURING", "RESV_DEL_HOLD", "REQUEUE_FED"].includes(state);

/** Slurm could not start it on its node, put it back and holds it: nobody but an administrator would ever let it go. */
export const isStranded = ({ state, reason }: QueuedTask): boolean => state === "PENDING" && /^launch.failed.requeued.held$/.test(reason);

/** Slurm accepts some jobs that can never run and keeps them waiting with one of these reasons. */
export const isHopeless = ({ state, reason }: QueuedTask): boolean =>
  state === "PENDING" && /^(BadConstraints|PartitionConfig|PartitionTimeLimit|PartitionNodeLimit|InvalidAccount|InvalidQOS|AccountNotAllowed|QOSNotAllowed|.*PerJobLimit|.*PerJob)$/.test(reason);
