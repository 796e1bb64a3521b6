// npm run bench -- engine [--engine NAME …] [--net NAME …] [--steps N] [--threads N] [--plain] [--fixed]
// Times one training step of each network (the encoder: a forward pass) on each engine that is there, and on PyTorch beside
// it (bench/peers/engine.py), each in a process of its own: wall clock, the least processor time of a step, which a busy
// machine disturbs less, the first step, and the peak of memory. Goals are printed with what was reached.
// Steps are wrapped by engine.step unless --plain is given. --fixed opens the engine with weights: "fixed", for the forward pass.
// --torch-device cuda puts PyTorch (2.0 or newer) on the GPU, for the GPU's engines.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findEngines } from "../dist/engine/index.js";
import { nets } from "./engine/nets.mjs";
import { torchTimes } from "./peers/torch.mjs";

/** Processor time of a step over PyTorch's, at most. */
const goals = { unet: 0.9, resnet: 1, vit: 1, transformer: 1, encoder: 0.9, policy: 0.9 };
const firstStepGoal = { unet: 1000 };
const memoryGoal = 1.5;
/** On the same GPU, by wall clock. */
const gpuGoal = 1.5;

const { values: options } = parseArgs({
  options: {
    engine: { type: "string", multiple: true },
    net: { type: "string", multiple: true, default: Object.keys(nets) },
    steps: { type: "string", default: "9" },
    threads: { type: "string", default: String(availableParallelism()) },
    plain: { type: "boolean" },
    fixed: { type: "boolean" },
    "torch-device": { type: "string", default: "cpu" },
  },
});
const [threads, steps] = [Number(options.threads), Number(options.steps)];
const names = options.engine ?? (await findEngines()).filter((engine) => engine.available).map((engine) => engine.name);

function measure(engine, net) {
  const call = JSON.stringify({ engine, net, threads, steps, plain: options.plain, fixed: options.fixed });
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, "engine", "one.mjs"), call], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${engine}, ${net}: ${stderr.trim().split("\n").at(-1)}`);
  return JSON.parse(stdout);
}

const number = (value, digits = 1) => value.toFixed(digits).padStart(8);
function print(name, row) {
  const parts = [`median ${number(row.median)}`, `min ${number(row.min)}`, `processor ${number(row.cpu)}`, `first ${number(row.first, 0)} ms`];
  console.log(`  ${name.padEnd(14)} ${parts.join("  ")}  peak ${number(row.megabytes, 0)} MB`);
}

console.log(`ms a step, ${threads} thread${threads === 1 ? "" : "s"}, ${steps} steps after 5 to warm up`);
const unmet = [];
let blas;
let missing;
for (const net of options.net) {
  const rows = names.map((engine) => ({ engine, ...measure(engine, net) }));
  console.log(`\n${rows[0]?.title ?? net}`);
  for (const row of rows) print(row.engine, row);
  const theirs = torchTimes(net, { threads, steps, device: options["torch-device"] });
  ({ missing } = theirs);
  if (missing) continue;
  ({ blas } = theirs);
  print(`PyTorch ${theirs.version}`, theirs);
  for (const { engine, cpu, median, megabytes, first, firstCpu, elsewhere } of rows) {
    const [byProcessor, byWall, byMemory] = [cpu / theirs.cpu, median / theirs.median, megabytes / theirs.megabytes];
    const fallBacks = elsewhere > 0 ? `, ${elsewhere} kernels on plain JavaScript` : "";
    console.log(`  ${engine}: ${byProcessor.toFixed(2)}× by processor time, ${byWall.toFixed(2)}× by wall clock, ${byMemory.toFixed(2)}× of the memory${fallBacks}`);
    if (engine === "ort-cuda" && options["torch-device"] === "cuda" && byWall > gpuGoal)
      unmet.push(`${net}: ${byWall.toFixed(2)}× PyTorch's time on the GPU (goal ${gpuGoal}×)`);
    if (engine !== "ort") continue;
    if (byProcessor > goals[net]) unmet.push(`${net}: ${byProcessor.toFixed(2)}× PyTorch's processor time (goal ${goals[net]}×)`);
    if (byMemory > memoryGoal) unmet.push(`${net}: ${byMemory.toFixed(2)}× PyTorch's memory (goal ${memoryGoal}×)`);
    if (first > firstStepGoal[net]) unmet.push(`${net}: first step ${first.toFixed(0)} ms, ${firstCpu.toFixed(0)} of the processor (goal ${firstStepGoal[net]})`);
  }
}
if (missing) console.log(`\nPyTorch was NOT measured: ${missing}`);
else console.log(`\nPyTorch multiplies by ${blas}${/\/blas\/libblas/.test(blas) ? ": the slow reference; install libopenblas0 before quoting ratios" : ""}`);
for (const line of unmet) console.log(`goal UNMET – ${line}`);
if (!missing && names.includes("ort") && unmet.length === 0) console.log("Every goal that was measured is met.");
