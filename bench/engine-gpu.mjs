// npm run bench -- engine-gpu: all that a machine with a GPU can prove of the engines, in one go of some ten minutes: which engines are
// there, every shared case on ort-cuda, webgpu, ort-webgpu and tensorflow-gpu, then the steps beside PyTorch on the same GPU
// (FOLIO_PYTHON names a Python with a CUDA build of torch). What it prints belongs into bench/results/engine-gpu.md, with the date.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { findEngines } from "../dist/engine/index.js";

const root = join(import.meta.dirname, "..");
const cases = {
  "ort-cuda": "cuda/cuda.cases.js",
  webgpu: "webgpu/webgpu.cases.js",
  "ort-webgpu": "ort/webgpu.cases.js",
};

const found = await findEngines();
const gpu = spawnSync("nvidia-smi", ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"], { encoding: "utf8" });
console.log(`GPU: ${gpu.status === 0 ? gpu.stdout.trim() : "nvidia-smi does not answer"}\n`);
for (const engine of found) console.log(engine.available ? `✔ ${engine.name}: ${engine.device}` : `– ${engine.name}: ${engine.why}. ${engine.remedy}`);

const onGpu = found.filter(({ name, available }) => available && (name in cases || name === "tensorflow-gpu")).map(({ name }) => name);
if (onGpu.length === 0) {
  console.log("\nNo engine finds a GPU: nothing was measured.");
  process.exit(1);
}
for (const name of onGpu.filter((each) => each in cases)) {
  console.log(`\nThe shared cases on ${name}`);
  const args = ["--test", "--test-reporter=dot", join(root, "dist", "engine", cases[name])];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, FOLIO_ALL_CASES: "1" }, timeout: 300_000 });
  console.log(status === 0 ? "every case passed" : stdout);
}
const engines = onGpu.flatMap((name) => ["--engine", name]);
const torchDevice = gpu.status === 0 ? "cuda" : "cpu";
spawnSync(process.execPath, [join(root, "bench", "engine.mjs"), ...engines, "--torch-device", torchDevice], { stdio: "inherit" });
