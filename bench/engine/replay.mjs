// npm run build && node bench/engine/replay.mjs [--steps N] [--preset quick|small] [NAME …]: processor time of a training step of each method, with
// every step recorded as TensorFlow.js runs it and with steps replayed (engine.step), the data made on the way. One process a line,
// one thread; the median over the later half of the steps, when every graph has been compiled.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const trainings = {
  async astra({ runner, preset, folder, watch }) {
    const { readDcase, makeDcase } = await import("folio/datasets");
    const { astraConfig, trainAstra } = await import("folio/methods/astra");
    await makeDcase({ out: folder, preset, seed: 1 });
    await trainAstra({ engine: runner, dataset: await readDcase(folder), config: astraConfig(preset), seed: 1, ...watch });
  },
  aespa: (options) => rated("trainAespa", options),
  spa: (options) => rated("trainSpa", options),
  async ddpt({ runner, preset, folder, watch }) {
    const { rasalore, slices, config, clip } = await brain(runner, preset, folder);
    await rasalore.trainDdpt({ engine: runner, slices, config: { ...config.ddpt, switchEpoch: 0 }, clip, seed: 1, ...watch });
  },
  async rasalore({ runner, preset, folder, watch }) {
    const { tf } = runner;
    const { rasalore, slices, config, clip, segmenter } = await brain(runner, preset, folder);
    const ddpt = rasalore.initDdpt(tf, config.ddpt, clip, 1);
    const guided = await rasalore.guideSlices({ tf, ddpt, segmenter, slices: slices.filter(({ slice }) => slice.label === "unhealthy"), config, seed: 1 });
    await rasalore.trainRasalore({ engine: runner, guided, config, seed: 1, ...watch });
  },
};

async function rated(name, { runner, preset, folder, watch }) {
  const { makeLidc, loadRatedAll, readRated } = await import("folio/datasets");
  const aespa = await import("folio/methods/aespa");
  await makeLidc({ out: folder, preset, seed: 1 });
  const config = aespa.presets[preset];
  const { images } = await readRated("lidc", folder);
  const cases = await loadRatedAll(images.filter(({ split }) => split === "train"), config.sam.imageSize, {});
  await aespa[name]({ engine: runner, cases, config, seed: 1, ...watch });
}

async function brain({ tf }, preset, folder) {
  const { loadSlices, makeBratsSlices, readBrainSlices } = await import("folio/datasets");
  const rasalore = await import("folio/methods/rasalore");
  await makeBratsSlices({ out: folder, preset, seed: 1 });
  const { slices } = await readBrainSlices(folder);
  const config = rasalore.presets[preset];
  return { rasalore, config, slices: await loadSlices(slices.filter(({ split }) => split === "train")), ...(await rasalore.loadFoundations(tf, preset, config)) };
}

/** Trains so many steps and gives the processor time of each. */
async function measure({ name, how, steps, preset, folder }) {
  const { openEngine } = await import("folio/engine");
  const engine = await openEngine({ prefer: "ort", threads: 1 });
  const { tf } = engine;
  const runner = how === "replayed" ? engine : { tf, step: (f) => (...given) => tf.tidy(() => f(...given)) };
  const stop = new AbortController();
  const times = [];
  const update = (done) => {
    const { user, system } = process.cpuUsage();
    times.push((user + system) / 1000);
    if (done >= steps) stop.abort();
  };
  const progress = { begin: (task) => (task.startsWith("train") ? { update, end: () => {} } : { update: () => {}, end: () => {} }) };
  await trainings[name]({ runner, preset, folder, watch: { progress, signal: stop.signal } }).catch((error) => {
    if (error.code !== "interrupted") throw error;
  });
  const each = times.slice(1).map((time, i) => time - times[i]).slice(times.length >> 1);
  process.stdout.write(JSON.stringify({ median: each.toSorted((a, b) => a - b)[each.length >> 1], steps: times.length, counters: engine.describe().counters }));
  await engine.close();
}

const { values, positionals } = parseArgs({ options: { steps: { type: "string", default: "40" }, preset: { type: "string", default: "quick" } }, allowPositionals: true });
if (positionals[0]?.startsWith("{")) await measure(JSON.parse(positionals[0]));
else {
  const folder = mkdtempSync(join(tmpdir(), "folio-replay-"));
  console.log(`${values.preset}, one thread, median processor time of a step, ms`);
  for (const name of positionals.length > 0 ? positionals : Object.keys(trainings)) {
    const [recorded, replayed] = ["recorded", "replayed"].map((how) => {
      const call = { name, how, steps: Number(values.steps), preset: values.preset, folder: join(folder, `${name}-${how}`) };
      const { status, stdout, stderr } = spawnSync(process.execPath, [import.meta.filename, JSON.stringify(call)], { encoding: "utf8" });
      if (status !== 0) throw new Error(`${name}: ${stderr.trim().split("\n").slice(-8).join("\n")}`);
      return JSON.parse(stdout);
    });
    const { stepsReplayed, stepsRecorded } = replayed.counters;
    console.log(`${name.padEnd(9)} recorded ${recorded.median.toFixed(1)}, replayed ${replayed.median.toFixed(1)}: ${(replayed.median / recorded.median).toFixed(2)} times (${replayed.steps} steps, ${stepsReplayed} calls replayed, ${stepsRecorded} recorded)`);
  }
  rmSync(folder, { recursive: true });
}
