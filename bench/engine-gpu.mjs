// npm run bench -- engine-gpu [--minutes 9] [--seconds 40] [--times 8] [--engine NAME …] [--net NAME …] [--steps 9] [--out FOLDER] [--no-cases]
// All that a machine with a GPU can prove of the engines, within ten minutes: which engines are there; every shared case on ort-cuda,
// ort-webgpu, webgpu and tensorflow-gpu; then the training steps beside PyTorch on the same GPU, in float32, float16 and bfloat16.
// Every finding is written at once to bench/results/engine-gpu-DATE-DEVICE.md (or into FOLDER), so what was found before the time
// ran out stays. An engine that fails, hangs or ends its process costs its own share of the time and nothing else.
// --seconds is the most that one network may take on one engine; --times N makes the batches of the CPU bench N times larger, to
// fill the chip.
//
// A dry run without a GPU, on the processor and on SwiftShader:
//   npm run bench -- engine-gpu --engine ort --engine wasm --net policy --steps 2 --times 1 --minutes 3 --no-cases
//   VK_ICD_FILENAMES=… npm run bench -- engine-gpu --engine ort-webgpu --net policy --steps 1 --times 1 --seconds 200 --no-cases
//
// What the machine needs beside Node 20.19 or newer:
//   ort-cuda        an NVIDIA driver for CUDA 13 (580 or newer); "folio engine install cuda" (247 MB from PyPI); CUDA 13's libraries and
//                   cuDNN 9: pip install "onnxruntime-gpu[cuda,cudnn]==1.30.0", then the export that folio doctor prints
//   ort-webgpu      libvulkan1 and the vendor's Vulkan driver: in a container NVIDIA_DRIVER_CAPABILITIES must have "graphics"
//   webgpu          the same; its two packages are among the development dependencies
//   PyTorch         a Python with a CUDA build of torch (2.0 or newer), named in FOLIO_PYTHON; without it no ratios are printed
// A machine without a network: "node bench/engine/pack.mjs FILE.tar.xz" here packs what the bench needs for Linux x64 (some 45 MB: the
// build, the bench, and of the packages only what runs), "tar -xJf FILE.tar.xz" there unpacks it, "node bench/engine-gpu.mjs"
// runs it without npm. ort-cuda does not fit into such an archive: the provider alone is 247 MB, its CUDA and cuDNN some 2 GB more.
// They have to be on that machine, or come to it as files: its site-packages' onnxruntime/capi/libonnxruntime_providers_*.so may be
// copied into node_modules/onnxruntime-node/bin/napi-v6/linux/x64 if "import onnxruntime" says version 1.30.0 there.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findEngines } from "../dist/engine/index.js";
import { torchTimes } from "./peers/torch.mjs";

const root = join(import.meta.dirname, "..");
const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "9" },
    seconds: { type: "string", default: "40" },
    times: { type: "string", default: "8" },
    steps: { type: "string", default: "9" },
    engine: { type: "string", multiple: true, default: [] },
    net: { type: "string", multiple: true, default: ["unet", "resnet", "vit", "transformer", "encoder", "policy"] },
    out: { type: "string", default: join(root, "bench", "results") },
    "no-cases": { type: "boolean", default: false },
  },
});
const [times, steps, threads] = [Number(options.times), Number(options.steps), availableParallelism()];
const deadline = performance.now() + Number(options.minutes) * 60_000;
const secondsLeft = () => (deadline - performance.now()) / 1000;

const casesOf = { "ort-cuda": "cuda/cuda.cases.js", "ort-webgpu": "ort/webgpu.cases.js", webgpu: "webgpu/webgpu.cases.js", "tensorflow-gpu": "tensorflow/tensorflow-gpu.cases.js" };
const precisionsOf = { "ort-cuda": ["float32", "float16", "bfloat16"], "ort-webgpu": ["float32", "float16"] };
/** ort-cuda's median step over PyTorch's on the same GPU, at most. */
const goal = 1.5;

const found = await findEngines();
const smi = spawnSync("nvidia-smi", ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"], { encoding: "utf8" });
const gpu = smi.status === 0 ? smi.stdout.trim().split("\n").join("; ") : undefined;
const wanted = options.engine.length > 0 ? options.engine : Object.keys(casesOf);
const engines = found.filter(({ name, available }) => available && wanted.includes(name)).map(({ name }) => name);
/** Most seconds that one engine may take for all cases, and one network on one engine. */
const share = { cases: (Number(options.minutes) * 60) / 2 / Math.max(1, engines.length), net: Number(options.seconds) };
const device = gpu ?? found.find(({ name }) => name === engines[0])?.device ?? "no GPU";

const written = [];
const date = new Date().toISOString().slice(0, 10);
const file = join(options.out, `engine-gpu-${date}-${device.split(/[,;(]/)[0].trim().toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.md`);
mkdirSync(options.out, { recursive: true });
function report(line = "") {
  console.log(line);
  written.push(line);
  writeFileSync(file, `${written.join("\n")}\n`);
}

/** A process that is ended when its time is over; it never throws. */
function run(args, limitSeconds, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    const text = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"]) child[stream].on("data", (chunk) => (text[stream] += chunk));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, limitSeconds * 1000);
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      resolve({ ...text, ok: status === 0, how: late ? `not over after ${Math.round(limitSeconds)} s` : signal ? `ended by ${signal}` : `exit ${status}` });
    });
  });
}

report(`# Engines on ${device}, ${date}`);
report();
report(`\`npm run bench -- engine-gpu --times ${times} --steps ${steps}\`; Node ${process.versions.node}, ${threads} cores; GPU ${gpu ?? "(nvidia-smi does not answer)"}.`);
report();
for (const each of found) report(each.available ? `* ${each.name}: ${each.device}` : `* ${each.name}: **not there**, ${each.why}. ${each.remedy}`);
if (engines.length === 0) {
  report("\nNo engine that was asked for is there: nothing was measured.");
  process.exit(1);
}

if (!options["no-cases"]) {
  report("\n## The shared cases\n");
  for (const name of engines) {
    const path = join(root, "dist", "engine", casesOf[name] ?? "");
    if (casesOf[name] === undefined || !existsSync(path)) {
      report(`* ${name}: has no file of cases to run here`);
      continue;
    }
    const limit = Math.min(share.cases, secondsLeft() - 20);
    if (limit < 10) {
      report(`* ${name}: **not run**, no time was left`);
      continue;
    }
    console.log(`… ${name}, ${Math.round(limit)} s at most`);
    const started = performance.now();
    const { stdout, how, ok } = await run(["--test-reporter=tap", path], limit, { FOLIO_ALL_CASES: "1", NODE_TEST_CONTEXT: "" });
    const [passed, failed] = ["pass", "fail"].map((what) => new RegExp(`^# ${what} (\\d+)$`, "m").exec(stdout)?.[1]);
    const seconds = Math.round((performance.now() - started) / 1000);
    report(`* ${name}: ${passed === undefined ? `**${how}**` : `${passed} passed, ${ok ? "none" : `**${failed}**`} failed`}, ${seconds} s`);
    for (const line of stdout.split("\n").filter((each) => /^\s*not ok/.test(each)).slice(0, 20)) report(`  * ${line.trim()}`);
  }
}

report(`\n## A step, ms (median of ${steps}; batches ${times} times the CPU bench's)\n`);
report("| network | runs on | median | least | first | beside PyTorch | weights between steps |");
report("|---|---|---|---|---|---|---|");
const unmet = [];
const ms = (value) => value.toFixed(value < 10 ? 2 : 1);
let torchMissing;
for (const net of options.net) {
  if (secondsLeft() < 15) {
    report(`| ${net} | **not run**: no time was left | | | | | |`);
    continue;
  }
  const timeoutMs = Math.min(share.net, secondsLeft() - 5) * 1000;
  const theirs = torchMissing ? { missing: torchMissing } : torchTimes(net, { threads, steps, times, timeoutMs, device: gpu === undefined ? "cpu" : "cuda" });
  torchMissing ??= /No module|ENOENT/.test(theirs.missing ?? "") ? theirs.missing : undefined;
  if (theirs.missing === undefined) report(`| ${net} | PyTorch ${theirs.version} | ${ms(theirs.median)} | ${ms(theirs.min)} | ${ms(theirs.first)} | 1 | |`);
  for (const engine of engines)
    for (const precision of precisionsOf[engine] ?? ["float32"]) {
      const limit = Math.min(share.net, secondsLeft() - 5);
      if (limit < 5) continue;
      const what = precision === "float32" ? engine : `${engine}, ${precision}`;
      console.log(`… ${net} on ${what}, ${Math.round(limit)} s at most`);
      const { stdout, stderr, ok, how } = await run([join(import.meta.dirname, "engine", "one.mjs"), JSON.stringify({ engine, net, threads, steps, times, precision })], limit);
      if (!ok) {
        const why = /^\w+(?: \[\w+\])?: (.{1,200})/m.exec(stderr)?.[1];
        report(`| ${net} | ${what} | **${how}**${why === undefined ? "" : `: ${why}`} | | | | |`);
        continue;
      }
      const row = JSON.parse(stdout);
      const ratio = theirs.missing === undefined ? row.median / theirs.median : undefined;
      report(`| ${row.title} | ${what} | ${ms(row.median)} | ${ms(row.min)} | ${ms(row.first)} | ${ratio === undefined ? "" : `${ratio.toFixed(2)}×`} | ${row.state} |`);
      if (engine === "ort-cuda" && precision === "float32" && ratio > goal) unmet.push(`${net}: ${ratio.toFixed(2)}× PyTorch's time (goal ${goal}×)`);
    }
}
report();
if (torchMissing !== undefined) report(`PyTorch was NOT measured: ${torchMissing}`);
for (const line of unmet) report(`* goal **unmet** – ${line}`);
console.log(`\nWritten to ${file}; ${Math.round(Number(options.minutes) * 60 - secondsLeft())} s.`);
