import type { Resources, SlurmSettings } from "../../file/study.js";

export interface ScriptOptions {
  readonly jobName: string;
  readonly tasks: number;
  readonly resources: Resources;
  readonly settings: SlurmSettings;
  /** A file with one run's folder a line, in the order of the array's indices. */
  readonly folders: string;
  /** Where Slurm's own output goes; what a run prints goes to its `log.txt`. */
  readonly output: string;
  readonly node: string;
  readonly worker: string;
}

/**
 * The batch script of a job array: one task a run. The worker takes the place of the shell, so that Slurm's warning before the
 * end of a run's time, and its SIGTERM at preemption, reach it and it can save its state.
 */
export function batchScript({ jobName, tasks, resources, settings, folders, output, node, worker }: ScriptOptions): string {
  const { cores, memoryGb, gpus, minutes } = resources;
  const { partition, account, qos, constraint, gpuType, throttle, graceSeconds, prologue, container } = settings;
  const options = [
    `--job-name=${jobName}`,
    `--array=0-${tasks - 1}${throttle === undefined ? "" : `%${throttle}`}`,
    "--ntasks=1",
    `--cpus-per-task=${cores}`,
    `--mem=${Math.ceil(memoryGb * 1024)}M`,
    gpus > 0 && `--gres=gpu:${gpuType === undefined ? "" : `${gpuType}:`}${gpus}`,
    minutes !== undefined && `--time=${slurmTime(minutes)}`,
    partition !== undefined && `--partition=${partition}`,
    account !== undefined && `--account=${account}`,
    qos !== undefined && `--qos=${qos}`,
    constraint !== undefined && `--constraint=${quoted(constraint)}`,
    "--requeue",
    "--open-mode=append",
    `--signal=B:TERM@${graceSeconds}`,
    `--output=${output}`,
  ].filter((option) => option !== false);
  return [
    "#!/bin/bash",
    ...options.map((option) => `#SBATCH ${option}`),
    `folder=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${quoted(folders)})`,
    'exec >>"$folder/log.txt" 2>&1',
    ...(prologue.trim() === "" ? [] : [prologue.trim()]),
    `exec ${[...container, node, worker].map(quoted).join(" ")} "$folder"`,
    "",
  ].join("\n");
}

/** `days-hours:minutes:seconds` */
export function slurmTime(minutes: number): string {
  const seconds = Math.ceil(minutes * 60);
  const two = (n: number): string => String(Math.floor(n)).padStart(2, "0");
  const days = Math.floor(seconds / 86400);
  return `${days > 0 ? `${days}-` : ""}${two((seconds % 86400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
}

/** A word for the shell, whatever is in it. */
export const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
