import { execFile, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Why a real Slurm cannot be started here; undefined where it can. */
export function whyNoSlurm(): string | undefined {
  if (process.platform !== "linux") return "Slurm runs on Linux";
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  const missing = ["munged", "slurmctld", "slurmd", "sbatch"].filter((name) => spawnSync("sh", ["-c", `command -v ${name}`], { env: { ...process.env, PATH: path } }).status !== 0);
  if (missing.length > 0) return `${missing.join(", ")} are not installed (Debian: apt-get install slurm-wlm munge)`;
  return process.getuid?.() === 0 ? undefined : "only root can start Slurm's daemons";
}

/** A Slurm cluster of this computer alone: its own munged, slurmctld and nodes on loopback, in a temporary folder. */
export interface Cluster {
  /** What Slurm's commands need to find it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nodes: readonly string[];
  command(name: string, ...args: readonly string[]): Promise<string>;
  /** Kills the controller and starts it again after a while, with the state it saved. */
  restartController(downMs: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster({ nodes = 3, cpus = 4 }: { nodes?: number; cpus?: number } = {}): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), "folio-slurm-"));
  await chmod(folder, 0o755); // munged refuses a socket that others cannot reach.
  for (const name of ["state", "log", "run"]) await mkdir(join(folder, name));
  const names = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
  const [controller, ...ports] = await freePorts(nodes + 1);
  await writeFile(join(folder, "munge.key"), randomBytes(1024), { mode: 0o400 });
  await writeFile(join(folder, "slurm.conf"), configuration(folder, controller, names.map((name, i) => ({ name, port: ports[i] })), cpus));
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, SLURM_CONF: join(folder, "slurm.conf") };
  const daemons: ChildProcess[] = [];
  const start = (command: string, ...args: string[]): ChildProcess => {
    const daemon = spawn(command, args, { env, stdio: "ignore" });
    daemons.push(daemon);
    return daemon;
  };
  const command = async (name: string, ...args: readonly string[]): Promise<string> => (await run(name, [...args], { env })).stdout;
  const stop = async (): Promise<void> => {
    await command("scancel", "--quiet", "--user=root").catch(() => {});
    for (const daemon of daemons.reverse()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      const gone = once(daemon, "exit");
      daemon.kill("SIGTERM");
      await Promise.race([gone, sleep(5000).then(() => daemon.kill("SIGKILL"))]);
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  const file = (name: string): string => join(folder, name);
  start("munged", "--foreground", `--key-file=${file("munge.key")}`, `--socket=${file("run/munge.socket")}`, `--pid-file=${file("run/munged.pid")}`, `--log-file=${file("log/munged.log")}`, `--seed-file=${file("run/munged.seed")}`);
  await until(() => command("munge", `--socket=${file("run/munge.socket")}`, "-n").then(() => true, () => false), "munged"); // prettier-ignore
  let control = start("slurmctld", "-D", "-i");
  for (const name of names) start("slurmd", "-D", "-N", name);
  try {
    await until(async () => {
      const states = await command("sinfo", "-h", "-N", "-p", "batch", "-o", "%T").catch(() => "");
      return states.trim().split("\n").filter((state) => state === "idle").length === nodes;
    }, "slurmctld");
  } catch (error) {
    const log = await readFile(file("log/slurmctld.log"), "utf8").catch(() => "");
    await stop();
    throw new Error(`${(error as Error).message}\n${log.slice(-2000)}`, { cause: error });
  }
  const restartController = async (downMs: number): Promise<void> => {
    const gone = once(control, "exit");
    control.kill("SIGTERM");
    await gone;
    await sleep(downMs);
    control = start("slurmctld", "-D");
  };
  return { env, nodes: names, command, restartController, stop };
}

function configuration(folder: string, controller: number, nodes: readonly { name: string; port: number }[], cpus: number): string {
  const host = hostname();
  return `ClusterName=folio
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
AuthType=auth/munge
AuthInfo=socket=${folder}/run/munge.socket,cred_expire=5
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/state/%n
SlurmctldPidFile=${folder}/run/slurmctld.pid
SlurmdPidFile=${folder}/run/%n.pid
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0,requeue_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
SlurmdParameters=config_overrides
MpiDefault=none
KillWait=10
${nodes.map(({ name, port }) => `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port} CPUs=${cpus} RealMemory=8000`).join("\n")}
PartitionName=batch Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10
`;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function until(holds: () => Promise<boolean>, what: string, limitMs = 20_000): Promise<void> {
  for (const end = performance.now() + limitMs; performance.now() < end; await sleep(100)) if (await holds()) return;
  throw new Error(`${what} did not come up within ${limitMs / 1000} s`);
}
