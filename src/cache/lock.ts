import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stopIfAborted } from "../core/index.js";

export interface LockOptions {
  /** How long a holder on another computer may give no sign of life. Measured by our own clock that never jumps. */
  readonly staleMs?: number;
  /** How often to look. */
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
}

/** The right to do something alone, until it is released or its holder dies. */
export interface Lock {
  /** Fires when another process took the lock because it thought this one dead. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

interface Holder {
  readonly token: string;
  readonly host: string;
  readonly pid: number;
  /** When the process began, in the kernel's own ticks, so that a reused process id is not taken for the holder. */
  readonly began: string;
}

/**
 * Takes a lock, a file made by an exclusive link, which also works on a shared file system; waits while another holds it.
 * The lock of a process of this computer that has died is free at once; one of another computer after `staleMs` without a
 * sign of life. What time it is on either side does not matter.
 * @throws Interrupted when the signal fires while waiting
 */
export async function takeLock(path: string, options: LockOptions = {}): Promise<Lock> {
  const { pollMs = 100, signal } = options;
  const watch = watcher(options.staleMs ?? 30_000);
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    const lock = await tryLock(path);
    if (lock !== undefined) return lock;
    stopIfAborted(signal);
    if (await watch(path)) continue;
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}

/** Takes the lock if nobody alive holds it; undefined when somebody of this computer does, or may do elsewhere. */
export async function tryLock(path: string): Promise<Lock | undefined> {
  await mkdir(dirname(path), { recursive: true });
  const me: Holder = { token: randomUUID(), host: hostname(), pid: process.pid, began: (await processBegan(process.pid)) ?? "" };
  if (!(await create(path, me))) {
    const holder = await readHolder(path);
    if (holder === undefined || !(await isDead(holder)) || !(await setAside(path, holder)) || !(await create(path, me))) return undefined;
  }
  return held(path, me);
}

export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const lock = await takeLock(path, options);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

function held(path: string, me: Holder): Lock {
  const lost = new AbortController();
  const isMine = async (): Promise<boolean> => (await readHolder(path))?.token === me.token;
  const beat = setInterval(() => {
    void isMine()
      .then((mine) => (mine ? utimes(path, new Date(), new Date()) : lost.abort()))
      .catch(() => {});
  }, 3000);
  beat.unref();
  return {
    lost: lost.signal,
    async release() {
      clearInterval(beat);
      if (await isMine()) await rm(path, { force: true });
    },
  };
}

/** Written whole under another name and then linked: a lock is never there without its holder's name, also on a full disk. */
async function create(path: string, me: Holder): Promise<boolean> {
  const draft = `${path}.${me.token}`;
  try {
    await writeFile(draft, JSON.stringify(me), { flag: "wx" });
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

async function isDead({ host, pid, began }: Holder): Promise<boolean> {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const now = await processBegan(pid);
  return now !== undefined && began !== "" && now !== began;
}

/** Linux tells it in /proc; elsewhere a living process of the same id counts as the holder. */
async function processBegan(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}

/** Tells whether a lock has stood still for so long that its holder must be gone, and then puts it out of the way. */
function watcher(staleMs: number): (path: string) => Promise<boolean> {
  let [seen, since] = ["", performance.now()];
  return async (path) => {
    const [holder, found] = await Promise.all([readHolder(path), stat(path).catch(() => undefined)]);
    if (found === undefined) return true;
    const sign = `${holder?.token} ${found.mtimeMs}`;
    if (sign !== seen) [seen, since] = [sign, performance.now()];
    return performance.now() - since >= staleMs && setAside(path, holder);
  };
}

/** Renames the lock away; of several who try, one succeeds. A lock that changed hands meanwhile is put back. */
async function setAside(path: string, judged: Holder | undefined): Promise<boolean> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return false;
  }
  const found = await readHolder(aside);
  const right = found?.token === judged?.token;
  if (right) await rm(aside, { force: true });
  else await rename(aside, path);
  return right;
}
