// npm run bench -- inference [--side 128|1024] [--network sam|aespa] [--runs 3] [--threads 1] [--keep DIR]
// A SAM ViT-B of the published size (MedSAM's file layout, seeded random weights) through PyTorch and through Folio, same weights, same
// picture, same prompt: the image encoder once, the mask decoder a prompt; largest relative difference, seconds and memory.
// The peer is /usr/bin/python3 with Debian's torch, or what FOLIO_TORCH names.
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openEngine } from "../dist/engine/index.js";
import { decodeMask, encode, encodeClicks, forms, initAespa, preferenceOf, presets, readStart } from "../dist/methods/aespa/index.js";
import { assignArrays, clickTokens, densePositions, imageEncoder, maskDecoder, maskPrompt, materialise, namedVariables, planImageEncoder, planMaskDecoder, planPromptEncoder } from "../dist/nn/index.js";
import { seededRandom } from "../dist/core/index.js";

const { values: options } = parseArgs({ options: { side: { type: "string", default: "1024" }, network: { type: "string", default: "sam" }, runs: { type: "string", default: "3" }, threads: { type: "string", default: "1" }, keep: { type: "string" } } });
const [side, runs, threads] = [options.side, options.runs, options.threads].map(Number);
const folder = options.keep ?? (await mkdtemp(join(tmpdir(), "folio-inference-")));
const python = process.env.FOLIO_TORCH ?? "/usr/bin/python3";
const known = await readFile(join(folder, "expected.json")).then(() => true, () => false); // what --keep kept
const peer = known ? { status: 0 } : spawnSync("/usr/bin/env", [python, join(import.meta.dirname, "..", "tests", "golden", "aespa_weights.py"), "full", folder, String(side), options.network], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
if (peer.status !== 0) {
  console.error(`The peer did not run: ${python} needs torch and numpy (apt-get install python3-torch python3-numpy), or set FOLIO_TORCH.`);
  process.exit(1);
}
const expected = JSON.parse(await readFile(join(folder, "expected.json"), "utf8"));

const sam = { ...presets.paper.sam, imageSize: side };
const engine = await openEngine({ threads });
const { tf } = engine;
const seconds = {};
const timed = async (name, work) => {
  const started = performance.now();
  const result = await work();
  seconds[name] = (performance.now() - started) / 1000;
  return result;
};
if (options.network === "aespa") await proveAespa();
const weights = await timed("load", async () => {
  const plan = { image_encoder: planImageEncoder(sam), prompt_encoder: planPromptEncoder(sam), mask_decoder: planMaskDecoder(sam) };
  const zeros = (part) => {
    if (Array.isArray(part)) return part.map(zeros);
    if ("trainable" in part) return { ...part, fill: (_, shape) => new Float32Array(shape.reduce((a, b) => a * b, 1)) };
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, zeros(each)]));
  };
  const made = materialise(tf, zeros(plan), seededRandom(1)); // every number comes from the file
  assignArrays(tf, namedVariables(made), await readStart(join(folder, "medsam_vit_b.pth"), { ...presets.paper, sam }), "medsam_vit_b.pth");
  return made;
});
const image = tf.tensor4d(Float32Array.from({ length: side * side * 3 }, (_, i) => Math.sin(i * 0.37) * 0.5 + 0.5), [1, side, side, 3]);
const encoder = () => tf.tidy(() => imageEncoder(tf, image, weights.image_encoder, sam));
let features = await timed("encoderFirst", async () => computed(encoder()));
const encoded = [];
for (let run = 0; run < runs; run++) {
  features.dispose();
  features = await timed("once", async () => computed(encoder()));
  encoded.push(seconds.once);
}
const decode = () => tf.tidy(() => {
  const clicks = clickTokens(tf, 1, { places: tf.tensor3d([0.3 * side, 0.6 * side], [1, 1, 2]), labels: tf.tensor2d([[1]]) }, weights.prompt_encoder, sam);
  const inputs = { image: features, imagePositions: densePositions(tf, weights.prompt_encoder, sam), clicks, mask: maskPrompt(tf, undefined, weights.prompt_encoder, sam) };
  return maskDecoder(tf, inputs, weights.mask_decoder, sam, { output: "single", form: "sam" }).logits;
});
const logits = await timed("decoderFirst", async () => computed(decode()));
const decoded = [];
for (let run = 0; run < runs + 2; run++) {
  (await timed("once", async () => computed(decode()))).dispose();
  decoded.push(seconds.once);
}
const best = (times) => Math.min(...times);
const report = {
  side,
  engine: engine.describe().device,
  tensors: expected.tensors,
  relativeDifference: { features: await difference(features, expected.features), logits: await difference(logits, expected.logits) },
  seconds: { folio: { load: seconds.load, encoderFirst: seconds.encoderFirst, encoder: best(encoded), decoderFirst: seconds.decoderFirst, decoder: best(decoded) }, pytorch: expected.seconds },
  peakGB: process.resourceUsage().maxRSS / 2 ** 20,
  torch: expected.torch,
};
console.log(JSON.stringify(report, null, 1));
await engine.close();
if (options.keep === undefined) await rm(folder, { recursive: true });

async function computed(tensor) {
  await tensor.data();
  return tensor;
}

/** Largest difference of the kept numbers, as a share of the largest of them. */
async function difference(tensor, kept) {
  const flat = await tensor.data();
  const step = Math.max(1, Math.floor(flat.length / 24));
  const scale = Math.max(...kept.map(Math.abs));
  return Math.max(...kept.map((value, i) => Math.abs(flat[i * step] - value))) / scale;
}

/** The whole network of AESPA, from a checkpoint as its own train.py saves it: one round with one click. */
async function proveAespa() {
  const config = { ...presets.paper, form: forms.faithful, sam };
  const model = await timed("load", async () => {
    const made = initAespa(tf, config, 1);
    const start = await readStart(join(folder, "checkpoint_best.pth"), config);
    assignArrays(tf, namedVariables(made.weights).filter(({ name }) => start.has(name)), start, "checkpoint_best.pth");
    made.start.set(start.get("start_weights").data);
    return made;
  });
  const pixels = tf.tensor4d(Float32Array.from({ length: side * side * 3 }, (_, i) => Math.sin(i * 0.37) * 0.5 + 0.5), [1, side, side, 3]);
  const round = () => tf.tidy(() => {
    const tokens = encodeClicks(tf, [[{ y: 0.3 * side, x: 0.6 * side, label: 1 }]], model); // (y, x), as the published code hands it over
    const preference = preferenceOf(tf, tokens, tf.tensor2d(model.start, [1, model.start.length]), model, "batch-mean");
    return decodeMask(tf, { features: encode(tf, pixels, model), tokens, preference, last: undefined }, model);
  });
  const first = await timed("roundFirst", async () => computed(round()));
  const again = await timed("round", async () => computed(round()));
  const spent = { load: seconds.load, roundFirst: seconds.roundFirst, round: seconds.round };
  const { tensors, parameters, torch, seconds: theirs } = expected;
  console.log(JSON.stringify({ side, network: "aespa", tensors, parameters, relativeDifference: Math.max(await difference(first, expected.logits), await difference(again, expected.logits)), seconds: { folio: spent, pytorch: theirs.decoder }, peakGB: process.resourceUsage().maxRSS / 2 ** 20, torch }, null, 1));
  await engine.close();
  if (options.keep === undefined) await rm(folder, { recursive: true });
  process.exit(0);
}
