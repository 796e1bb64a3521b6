import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRecords, type ResultRecord } from "../results/index.js";

/**
 * A run that does nothing but what studies must cope with: so many steps of so many milliseconds, a checkpoint after each,
 * a record at the end. Every step it really does is written to `steps.txt`. It saves and goes on SIGTERM (unless it is deaf), crashes
 * where it is told to, and cannot know that it is only a test.
 */
const program = `
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
const [root, results, out, name, seed, steps, ms, mode] = process.argv.slice(2);
const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));
let stopping = false;
process.on("SIGTERM", () => (stopping = mode !== "deaf"));
mkdirSync(out, { recursive: true });
const checkpoint = join(out, "step");
let step = existsSync(checkpoint) ? Number(readFileSync(checkpoint, "utf8")) : 0;
while (step < Number(steps)) {
  if (stopping) { console.log("saved at step", step); process.exit(75); }
  if (mode === "poison") { console.error("CUDA error: an illegal memory access"); process.exit(1); }
  if (mode === "abort") process.kill(process.pid, "SIGKILL");
  if (mode === "crash-once" && step === 1 && !existsSync(join(out, "crashed"))) { writeFileSync(join(out, "crashed"), ""); throw new Error("out of luck"); }
  await wait(Number(ms));
  step++;
  appendFileSync(join(root, "steps.txt"), name + " " + seed + " " + step + "\\n");
  writeFileSync(checkpoint + ".tmp", String(step));
  renameSync(checkpoint + ".tmp", checkpoint);
  console.log("epoch " + step + "/" + steps + ", loss " + (1 / step).toFixed(3));
}
if (mode === "silent") process.exit(0);
const record = {
  schema: "folio.result/1", id: name + "-quick-seed" + seed, method: name, variant: "plain", dataset: { name: "none", generated: true },
  split: "test", preset: "quick", seed: Number(seed), config: { steps: Number(steps) }, cases: { columns: ["case"], rows: [["a"]] },
  metrics: [{ id: "auc", convention: "roc", value: 0.7 + Number(seed) / 100, n: 20, excluded: [], interval: { low: 0.6, high: 0.9, level: 0.95, method: "bootstrap" } }],
  provenance: { inputs: {}, code: "c".repeat(64), lockfile: "none", engine: "none", device: "none", node: "22", startedAt: "2026-01-01T00:00:00.000Z", seconds: 1 },
};
writeFileSync(join(results, record.id + ".json"), JSON.stringify(record));
`;

export interface Project {
  readonly root: string;
  /** Writes `reports/<name>/study.yaml`. */
  study(name: string, yaml: string): Promise<void>;
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  /** Every step that was really done: `demo 1 3` is the third of the run with seed 1. */
  steps(): Promise<string[]>;
  records(study: string): Promise<ResultRecord[]>;
  remove(): Promise<void>;
}

/** An empty project in a folder of its own, with the program above as `run.mjs`. */
export async function makeProject(parent = tmpdir()): Promise<Project> {
  const root = await mkdtemp(join(parent, "folio-study-"));
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), text);
  };
  await write("package.json", '{ "name": "folio", "exports": {} }');
  await write("package-lock.json", "{}");
  await write("run.mjs", program);
  return {
    root,
    write,
    study: (name, yaml) => write(`reports/${name}/study.yaml`, yaml),
    read: (path) => readFile(join(root, path), "utf8"),
    steps: async () => (await readFile(join(root, "steps.txt"), "utf8").catch(() => "")).split("\n").filter(Boolean),
    records: (study) => readRecords(join(root, "results", study)),
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

/** An entry of `runs` that calls the program. */
export const entry = ({ name = "demo", seeds = "[1]", steps = 2, ms = 5, mode = "ok", more = "" } = {}): string =>
  `  - name: ${name}\n    command: ["{node}", "{root}/run.mjs", "{root}", "{results}", "{out}", ${name}, "{seed}", "${steps}", "${ms}", ${mode}]\n    inputs: run.mjs\n    seed: ${seeds}\n${more}`;
