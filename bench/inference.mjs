// npm run bench -- inference [--network sam|aespa|resnet34|clip|tinysam|rasalore|sam-med2d|mask-decoder|unet|unetpp|unext] [--runs 3] [--threads 1] [--keep DIR] [--engine ort|wasm]
// A published architecture at its full size (MedSAM's ViT-B at 1024 pixels: encoder once, decoder a prompt) with seeded random weights,
// saved by PyTorch as the field saves it: through PyTorch, through onnxruntime (PyTorch's own ONNX export) and through Folio, same
// weights, same inputs, same run. Every layer is compared; seconds of the wall and of the processor, and memory.
// The peer is /usr/bin/python3 with Debian's torch, or what FOLIO_TORCH names.
import { spawnSync } from "node:child_process";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as ort from "onnxruntime-node";
import { openEngine } from "../dist/engine/index.js";
import { readNpy } from "../dist/io/index.js";
import { layersOf } from "../dist/nn/layers.fixture.js";
import { networks } from "./peers/published.mjs";

const { values: options } = parseArgs({
  options: { network: { type: "string", default: "sam" }, runs: { type: "string", default: "3" }, threads: { type: "string", default: "1" }, keep: { type: "string" }, engine: { type: "string", default: "ort" } },
});
const [runs, threads] = [options.runs, options.threads].map(Number);
const network = networks[options.network];
if (network === undefined) {
  console.error(`--network must be one of ${Object.keys(networks).join(", ")}, but is ${options.network}.`);
  process.exit(2);
}
const folder = options.keep ?? (await mkdtemp(join(tmpdir(), "folio-inference-")));
const expected = await fromPyTorch();

const engine = await openEngine({ prefer: options.engine, threads });
const { tf } = engine;
const [weights, loading] = await timed(() => network.load(tf, folder));
const made = {};
const differences = { layers: 0, outputs: {} };
const folio = {};
let compared = 0;
for (const [part, run] of Object.entries(network.parts)) {
  const call = async () => {
    const result = tf.tidy(() => run(tf, weights, made));
    await result.data();
    return result;
  };
  // The first call is watched, so that every layer is compared; it also compiles.
  let pending;
  const [seen, first] = await timed(async () => {
    const layers = layersOf(tf, network.variables(weights), () => {
      pending = call();
    });
    made[part] = await pending;
    return layers;
  });
  differences.outputs[part] = await difference(made[part], expected.outputs[part], 24);
  for (const [name, values] of Object.entries(expected.layers)) {
    if (!seen.has(name) || network.elsewhere?.test(name)) continue;
    differences.layers = Math.max(differences.layers, await difference(seen.get(name), values, 6));
    compared++;
  }
  tf.dispose([...seen.values()]);
  folio[part] = { first: first.wall, ...(await fastest(async () => (await call()).dispose())) };
}
const peakGB = process.resourceUsage().maxRSS / 2 ** 20;
const { device } = engine.describe();
await engine.close();
const onnxruntime = await throughOnnxRuntime();
console.log(JSON.stringify({
  network: options.network, engine: device, threads, parameters: expected.parameters, tensors: expected.tensors,
  relativeDifference: { ...differences, layersCompared: compared },
  seconds: { folio: { load: loading.wall, ...folio }, onnxruntime, pytorch: expected.seconds },
  peakGB: { folio: peakGB, pytorch: expected.peakGB }, torch: expected.torch,
}, rounded, 1)); // prettier-ignore
if (options.keep === undefined) await rm(folder, { recursive: true });

async function fromPyTorch() {
  const path = join(folder, "expected.json");
  if (!(await access(path).then(() => true, () => false))) {
    const python = process.env.FOLIO_TORCH ?? "/usr/bin/python3";
    const script = join(import.meta.dirname, "..", "tests", "golden", "weights", "make.py");
    const { status } = spawnSync(python, [script, "full", options.network, folder, "--onnx"], { stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) {
      console.error(`The peer did not run: ${python} needs torch and numpy (apt-get install python3-torch python3-numpy), or set FOLIO_TORCH.`);
      process.exit(1);
    }
  }
  return JSON.parse(await readFile(path, "utf8"));
}

/** PyTorch's export of each part, on the runtime that Folio's engine stands on. */
async function throughOnnxRuntime() {
  const out = {};
  for (const part of Object.keys(network.parts)) {
    const session = await ort.InferenceSession.create(join(folder, `${part}.onnx`), { intraOpNumThreads: threads, interOpNumThreads: 1, graphOptimizationLevel: "all" }).catch(() => undefined);
    if (session === undefined) continue;
    const feeds = {};
    for (const name of session.inputNames) {
      const { data, shape } = await readNpy(join(folder, `${part}.${name}.npy`));
      feeds[name] = new ort.Tensor(data instanceof BigInt64Array ? "int64" : "float32", data, [...shape]);
    }
    const [, first] = await timed(() => session.run(feeds));
    out[part] = { first: first.wall, ...(await fastest(() => session.run(feeds))) };
    await session.release();
  }
  return out;
}

async function fastest(work) {
  const times = [];
  while (times.length < runs && (times.length === 0 || times.reduce((sum, { wall }) => sum + wall, 0) < 30)) times.push((await timed(work))[1]);
  return { wall: Math.min(...times.map(({ wall }) => wall)), processor: Math.min(...times.map(({ processor }) => processor)) };
}

async function timed(work) {
  const [started, before] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [result, { wall: (performance.now() - started) / 1000, processor: (user + system) / 1e6 }];
}

/** Largest difference of the kept numbers, as a share of the largest of them. */
async function difference(tensor, { values }, kept) {
  const flat = await tensor.data();
  const step = Math.max(1, Math.floor(flat.length / kept));
  const scale = Math.max(...values.map(Math.abs)) || 1;
  return Math.max(...values.map((value, i) => Math.abs(flat[i * step] - value))) / scale;
}

function rounded(_, value) {
  return typeof value === "number" ? Number(value.toPrecision(3 + (value >= 1000 ? 6 : 0))) : value;
}
