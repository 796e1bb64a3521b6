import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { FolioError, Interrupted, writeJsonAtomic } from "../../core/index.js";
import { place } from "./job.js";
import type { Workplace } from "./workplace.js";

/** A program of a run ended with an error; the message ends with the last thing it said. */
export class WorkFailed extends FolioError {
  readonly code = "work-failed";
  constructor(
    readonly program: string,
    readonly ended: string,
    readonly said: string,
  ) {
    super(`${program} ended with ${ended}${said === "" ? "" : `: ${said}`}`);
  }
}

/** How long a program may take to save its state when it is asked to stop. */
const graceMs = 45_000;

/**
 * Runs a program of the run to its end; what it prints goes to the run's log.
 * @throws Interrupted when the signal fired, WorkFailed when it failed
 */
export async function runProgram(label: string, [command, ...args]: readonly string[], { root, folder, env, signal }: Workplace): Promise<void> {
  await endLeftOver(folder);
  if (signal.aborted) throw new Interrupted();
  const child = spawn(command, args, { cwd: root, env: { ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      process.stdout.write(text);
      tail = (tail + text).slice(-4000);
    });
  }
  let last: NodeJS.Timeout | undefined;
  const stop = (): void => {
    child.kill("SIGTERM");
    last = setTimeout(() => child.kill("SIGKILL"), graceMs);
  };
  signal.addEventListener("abort", stop);
  const ended = new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, killedBy) => resolve(killedBy === null ? (code === 0 ? "" : `exit code ${code}`) : `signal ${killedBy}`));
  });
  try {
    if (child.pid !== undefined) await writeJsonAtomic(join(folder, place.child), { pid: child.pid, began: await processBegan(child.pid) });
    const how = await ended;
    // A program that came to its end although it was asked to stop has done its work.
    if (how === "") return;
    if (signal.aborted) throw new Interrupted();
    throw new WorkFailed(label, how, lastLine(tail));
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw (error as NodeJS.ErrnoException).code === "ENOENT" ? new WorkFailed(label, "no start", `there is no program ${command}`) : error;
  } finally {
    clearTimeout(last);
    signal.removeEventListener("abort", stop);
    await rm(join(folder, place.child), { force: true });
  }
}

/** A worker that was killed cannot stop its program; the next attempt does, before it touches the same files. */
export async function endLeftOver(folder: string): Promise<void> {
  const text = await readFile(join(folder, place.child), "utf8").catch(() => undefined);
  if (text === undefined) return;
  const { pid, began } = JSON.parse(text) as { pid: number; began: string | null };
  const alive = async (): Promise<boolean> => began !== null && (await processBegan(pid)) === began;
  for (let waited = 0; (await alive()) && waited < 5000; waited += 50) {
    if (waited === 0) process.kill(pid, "SIGKILL");
    await sleep(50);
  }
  await rm(join(folder, place.child), { force: true });
}

async function processBegan(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields === undefined || fields[0] === "Z" ? null : fields[19];
}

const lastLine = (text: string): string => stripVTControlCharacters(text).trimEnd().split(/\r?\n|\r/).at(-1)?.trim().slice(0, 500) ?? "";
