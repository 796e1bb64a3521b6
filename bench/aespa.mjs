// npm run bench -- aespa --out DIR [--preset quick --images 32 --epochs 12 --seeds 1,2,3 --only aespa,spa --threads 1]
// AESPA, its ablations and SPA over several seeds (spec §9): trains each system, plays every rater of every test
// slice, and writes one small JSON a system and seed into DIR, which a second call goes on from. `--record FILE` gathers them into one
// file, which notebook 02 shows, and prints them as Markdown.
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { codeIdentity, seededRandom, terminalProgress } from "../dist/core/index.js";
import { loadRatedAll, makeLidc, readLidc } from "../dist/datasets/index.js";
import { openEngine } from "../dist/engine/index.js";
import { checkpointPath, clickBlind, everyRater, fixedStyle, forms, presets, rollOut, rollOutSpa, scoreSession, shuffleRaters, trainAespa, trainSpa } from "../dist/methods/aespa/index.js";
import { disposeWeights } from "../dist/nn/index.js";
import { mean, seedSpread } from "../dist/stats/index.js";

const { values: options } = parseArgs({
  options: {
    out: { type: "string", default: "results/aespa-ablations" }, data: { type: "string", default: "data/lidc-small" }, preset: { type: "string", default: "small" },
    images: { type: "string", default: "256" }, epochs: { type: "string", default: "12" }, seeds: { type: "string", default: "1,2,3" }, only: { type: "string" }, threads: { type: "string", default: "1" }, record: { type: "string" },
  },
});

const systems = {
  aespa: { what: "AESPA, corrected", form: forms.corrected },
  faithful: { what: "AESPA, faithful to the published code", form: forms.faithful },
  "no-preference": { what: "latent 0, preference networks untrained", form: { ...forms.corrected, preferenceNetworks: "off" } },
  shuffled: { what: "raters in another order on every slice", form: forms.corrected, shuffled: true },
  spa: { what: "SPA, the parent: samples in groups", form: forms.corrected, mode: "spa" },
};
const peers = { "click-blind": "the same network before any click, held", "always-rater-2": "the exact medium mask for everyone: looks at the truth" };
const rounded = (value) => Number(value.toFixed(5));
const metrics = ["dice_follow", "delta_follow", "dice_personal", "dice_majority", "iou_majority", "dice_soft", "dice_max", "dice_match", "ged"];
const wanted = options.only?.split(",") ?? Object.keys(systems);
const seeds = options.seeds.split(",").map(Number);

if (options.record === undefined) await measureAll();
else await record(options.record);

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
  const preset = presets[options.preset];
  const config = { ...preset, form, training: { ...preset.training, epochs: Number(options.epochs) } };
  const engine = await openEngine({ threads: Number(options.threads) });
  const startedAt = new Date();
  const started = [performance.now(), process.cpuUsage()];
  const folder = join(options.out, `${name}-seed${seed}`);
  const whole = !(await stat(checkpointPath(folder)).then(() => true, () => false)); // what went on from a checkpoint has no time of its own
  const cases = shuffled ? shuffleRaters(train, seededRandom(seed).stream("shuffled")) : train;
  // A folder for the checkpoints: a stopped call goes on from the last epoch.
  const model = await (mode === "spa" ? trainSpa : trainAespa)({ engine, cases, config, seed, folder, progress });
  const cpu = process.cpuUsage(started[1]);
  const seconds = whole ? { wall: (performance.now() - started[0]) / 1000, cpu: (cpu.user + cpu.system) / 1e6 } : null;
  const sessions = everyRater(test);
  const played = await (mode === "spa" ? rollOutSpa : rollOut)(engine.tf, model, sessions, 1, { progress });
  disposeWeights(model.weights);
  const provenance = { ...(await codeIdentity()), engine: engine.name, device: engine.describe().device, node: process.versions.node, startedAt: startedAt.toISOString(), seconds: (Date.now() - startedAt.getTime()) / 1000 };
  await engine.close();
  const rounds = Array.from({ length: config.training.rounds }, (_, round) => round);
  const evaluations = [[mode, played], ...(name === "aespa" ? [["click-blind", clickBlind(played)], ["always-rater-2", fixedStyle(sessions, 1, rounds.length)]] : [])];
  const summary = ([variant, systemSessions]) => {
    const rows = systemSessions.flatMap(scoreSession);
    const at = (id, round, rater) => rounded(mean(rows.filter((row) => row.round === round && (rater === undefined || row.rater === rater)).map(({ scores }) => scores[id])));
    return {
      variant,
      rounds: Object.fromEntries(metrics.map((id) => [id, rounds.map((round) => at(id, round))])),
      followByRater: [0, 1, 2].map((rater) => rounds.map((round) => at("dice_follow", round, rater))),
    };
  };
  return { system: name, preset: options.preset, seed, images: train.length, epochs: config.training.epochs, test: test.length, provenance, trainingSeconds: seconds, evaluations: evaluations.map(summary) };
}

/** What a reader compares: one entry a system, one number a seed. */
async function record(file) {
  const read = (name, seed) => readFile(join(options.out, `${name}-seed${seed}.json`), "utf8").then(JSON.parse, () => undefined);
  const gathered = [];
  let about;
  for (const name of wanted) {
    const runs = (await Promise.all(seeds.map((seed) => read(name, seed)))).filter((run) => run !== undefined);
    if (runs.length === 0) continue;
    about ??= { preset: runs[0].preset, images: runs[0].images, epochs: runs[0].epochs, test: runs[0].test, provenance: runs[0].provenance };
    for (const [i, { variant }] of runs[0].evaluations.entries()) {
      if (i > 0 && !/click-blind|always-rater-2/.test(variant)) continue;
      const at = (id, round) => runs.map(({ evaluations }) => evaluations[i].rounds[id].at(round));
      gathered.push({
        system: i === 0 ? name : variant,
        what: i === 0 ? systems[name].what : peers[variant],
        seeds: runs.map(({ seed }) => seed),
        followFirst: at("dice_follow", 0),
        followLast: at("dice_follow", -1),
        delta: runs.map(({ evaluations }) => rounded(mean(evaluations[i].rounds.delta_follow.slice(1)))),
        diceMax: at("dice_max", -1),
        ged: at("ged", -1),
        personal: at("dice_personal", -1),
        cpuSeconds: i === 0 ? meanOf(runs.flatMap(({ trainingSeconds }) => trainingSeconds?.cpu ?? [])) : null,
      });
    }
  }
  await writeFile(file, `${JSON.stringify({ ...about, systems: gathered }, null, 1)}\n`);
  console.log("| system | seeds | Dice follow, round 0 | last round | Δ follow, mean of the rounds after | Dice max | GED | personal mean | training, CPU s |");
  console.log(`|${"---|".repeat(9)}`);
  for (const { what, seeds: own, followFirst, followLast, delta, diceMax, ged, personal, cpuSeconds } of gathered)
    console.log(`| ${[what, own.length, ...[followFirst, followLast, delta, diceMax, ged, personal].map(shown), cpuSeconds?.toFixed(0) ?? "–"].join(" | ")} |`);
}

const meanOf = (values) => (values.length > 0 ? mean(values) : null);

function shown(values) {
  const { mean: centre, interval } = seedSpread(values);
  const each = values.map((value) => value.toFixed(3)).join(", ");
  return interval ? `${centre.toFixed(3)} [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}] (${each})` : each;
}
