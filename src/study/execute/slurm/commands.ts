import { execFile } from "node:child_process";
import { FolioError } from "../../../core/index.js";

/** Slurm's own words, when one of its commands fails. */
export class SlurmError extends FolioError {
  readonly code = "slurm-error";
  constructor(
    readonly command: string,
    readonly said: string,
    /** Slurm's controller did not answer; it may well do so later. */
    readonly unreachable: boolean,
  ) {
    super(`${command}: ${said}`);
  }
}

/** Runs one of Slurm's commands. @throws SlurmError */
export type SlurmCommand = (command: "sbatch" | "squeue" | "sacct" | "scontrol" | "scancel", ...args: readonly string[]) => Promise<string>;

export function slurmCommands(env: Readonly<Record<string, string | undefined>>, timeoutMs = 60_000): SlurmCommand {
  return (command, ...args) =>
    new Promise((resolve, reject) => {
      execFile(command, [...args], { env: { ...env }, timeout: timeoutMs, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const said = stderr.trim().replace(/^\w+: (error: )?/, "") || error.message;
        const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
        reject(new SlurmError(command, missing ? "there is no such command here" : said, !missing && /unable to contact|connection|timed out|socket|communicat/i.test(`${said} ${error.message}`)));
      });
    });
}
