// npm run bench -- aespa --out DIR [--images 128 --epochs 6 --seeds 1,2,3 --only aespa,spa --threads 1]
// AESPA at `small`, its ablations and SPA over several seeds (spec §9): trains each system, plays every rater of every test
// slice, and writes one small JSON a system and seed into DIR, which a second call goes on from. `--table` prints them as Markdown.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom, terminalProgress } from "../dist/core/index.js";
import { loadRatedAll, makeLidc, readLidc } from "../dist/datasets/index.js";
import { openEngine } from "../dist/engine/index.js";
import { evaluateAespa, forms, presets, shuffleRaters, trainAespa, trainSpa, valueAt } from "../dist/methods/aespa/index.js";
import { disposeWeights } from "../dist/nn/index.js";
import { mean, seedSpread } from "../dist/stats/index.js";

const { values: options } = parseArgs({
  options: {
    out: { type: "string", default: "results/aespa-small" }, data: { type: "string", default: "data/lidc-small" }, images: { type: "string", default: "256" },
    epochs: { type: "string", default: "12" }, seeds: { type: "string", default: "1,2,3" }, only: { type: "string" }, threads: { type: "string", default: "1" }, table: { type: "boolean" },
  },
});

const systems = {
  aespa: { what: "AESPA, corrected", form: forms.corrected },
  faithful: { what: "AESPA, faithful to the published code", form: forms.faithful },
  "no-preference": { what: "latent 0, preference networks untrained", form: { ...forms.corrected, preferenceNetworks: "off" } },
  shuffled: { what: "raters in another order on every slice", form: forms.corrected, shuffled: true },
  spa: { what: "SPA, N 8, K 3", form: forms.corrected, mode: "spa" },
};
const metrics = ["dice_follow", "delta_follow", "dice_personal", "dice_majority", "iou_majority", "dice_soft", "dice_max", "dice_match", "ged"];
const wanted = options.only?.split(",") ?? Object.keys(systems);
const seeds = options.seeds.split(",").map(Number);

if (options.table) await printTable();
else await measureAll();

async function measureAll() {
  await makeLidc({ out: options.data, preset: "small", seed: 1 });
  const dataset = await readLidc(options.data);
  const size = presets.small.sam.imageSize;
  const split = (name) => dataset.images.filter((image) => image.split === name);
  const train = await loadRatedAll(split("train").slice(0, Number(options.images)), size);
  const test = await loadRatedAll(split("test"), size);
  await mkdir(options.out, { recursive: true });
  const progress = terminalProgress(process.stderr);
  for (const seed of seeds) {
    for (const name of wanted) {
      const path = join(options.out, `${name}-seed${seed}.json`);
      if (await readFile(path).then(() => true, () => false)) continue;
      console.error(`${name}, seed ${seed}`);
      await writeFile(path, `${JSON.stringify(await measure(name, seed, train, test, progress), null, 1)}\n`);
    }
  }
}

async function measure(name, seed, train, test, progress) {
  const { form, mode = "aespa", shuffled = false } = systems[name];
  const config = { ...presets.small, form, training: { ...presets.small.training, epochs: Number(options.epochs) } };
  const engine = await openEngine({ threads: Number(options.threads) });
  const started = [performance.now(), process.cpuUsage()];
  const cases = shuffled ? shuffleRaters(train, seededRandom(seed).stream("shuffled")) : train;
  // A folder for the checkpoints: a stopped call goes on from the last epoch.
  const model = await (mode === "spa" ? trainSpa : trainAespa)({ tf: engine.tf, cases, config, seed, folder: join(options.out, `${name}-seed${seed}`), progress });
  const cpu = process.cpuUsage(started[1]);
  const seconds = { wall: (performance.now() - started[0]) / 1000, cpu: (cpu.user + cpu.system) / 1e6 };
  const { evaluations } = await evaluateAespa({ tf: engine.tf, model, cases: test, mode, peers: name === "aespa" ? "run" : "skip", progress });
  disposeWeights(model.weights);
  const { device } = engine.describe();
  await engine.close();
  const rounds = Array.from({ length: config.training.rounds }, (_, round) => round);
  const summary = ({ variant, metrics: measured }) => ({
    variant,
    rounds: Object.fromEntries(metrics.map((id) => [id, rounds.map((round) => rounded(valueAt(measured, id, round)))])),
    followByRater: [0, 1, 2].map((rater) => rounds.map((round) => rounded(valueAt(measured, "dice_follow", round, rater)))),
  });
  return { system: name, seed, images: train.length, epochs: config.training.epochs, test: test.length, device, trainingSeconds: seconds, evaluations: evaluations.map(summary) };
}

const rounded = (value) => Number(value.toFixed(5));

async function printTable() {
  const read = async (name, seed) => JSON.parse(await readFile(join(options.out, `${name}-seed${seed}.json`), "utf8"));
  const rows = [];
  for (const name of wanted) {
    const runs = [];
    for (const seed of seeds) {
      const run = await read(name, seed).catch(() => undefined);
      if (run !== undefined) runs.push(run);
    }
    if (runs.length === 0) continue;
    for (const [i, { variant }] of runs[0].evaluations.entries()) {
      const at = (id, round) => runs.map(({ evaluations }) => evaluations[i].rounds[id].at(round));
      const later = (id) => runs.map(({ evaluations }) => mean(evaluations[i].rounds[id].slice(1)));
      const what = i === 0 ? systems[name].what : variant;
      const cpu = i === 0 ? mean(runs.map(({ trainingSeconds }) => trainingSeconds.cpu)).toFixed(0) : "–";
      rows.push([what, runs.length, shown(at("dice_follow", 0)), shown(at("dice_follow", -1)), shown(later("delta_follow")), shown(at("dice_max", -1)), shown(at("ged", -1)), shown(at("dice_personal", -1)), cpu]);
    }
  }
  console.log("| system | seeds | Dice follow, round 0 | round 5 | Δ follow, mean of rounds 1–5 | Dice max, round 5 | GED, round 5 | personal mean, round 5 | training, CPU s |");
  console.log(`|${"---|".repeat(9)}`);
  for (const row of rows) console.log(`| ${row.join(" | ")} |`);
}

function shown(values) {
  const { mean: centre, interval } = seedSpread(values);
  const each = values.map((value) => value.toFixed(3)).join(", ");
  return interval ? `${centre.toFixed(3)} [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}] (${each})` : each;
}
