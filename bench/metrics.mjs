// npm run bench -- metrics [--rounds 5] [--cases 1000] [--python PATH]
// Our metrics beside scikit-learn, surface-distance, MedPy, MONAI and nibabel: the same inputs, one run, round by round.
// Peers need a Python with the packages of tests/golden/requirements.txt (--python or FOLIO_PYTHON); a missing one is
// skipped and said so. Wall time is what counts; processor time stands beside it because machines are shared.
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, cases: { type: "string", default: "1000" }, python: { type: "string" } },
});
const rounds = Number(options.rounds);
const [core, io, metrics, scoring, stats] = await Promise.all(
  ["core", "io", "metrics", "scoring", "stats"].map((room) => import(`../dist/${room}/index.js`)),
);
const folder = mkdtempSync(join(tmpdir(), "folio-bench-"));
const random = core.seededRandom(1);

const n = 1_000_000;
const labels = Uint8Array.from({ length: n }, () => (random.uniform() < 0.3 ? 1 : 0));
const scores = Float64Array.from(labels, (label) => random.normal(label));
const shape = [155, 240, 240];
const [prediction, truth] = [tumour("prediction", 2), tumour("truth", 0)];
writeFileSync(join(folder, "scores.f64"), scores);
writeFileSync(join(folder, "labels.u8"), labels);
writeFileSync(join(folder, "prediction.u8"), prediction);
writeFileSync(join(folder, "truth.u8"), truth);
await writeCases(Number(options.cases));

const [fewScores, fewLabels] = [scores.subarray(0, 10_000), labels.subarray(0, 10_000)];
const grid = { shape, spacingMm: [1, 1, 1] };
const rows = [
  {
    name: "AUC and pAUC of 1,000,000 scores",
    goal: 0.3,
    ours: () => {
      const ranked = metrics.rankScores(scores, labels);
      return [metrics.aucOf(ranked).value, metrics.paucOf(ranked, { maxFpr: 0.1 }).value];
    },
    peers: [{ task: "sklearn_auc", name: "scikit-learn", agree: 1e-9 }],
  },
  {
    name: "AUC interval, 2,000 resamples of 10,000 scores",
    goal: 0.02,
    ours: () => {
      const { low, high } = metrics.aucWithInterval(fewScores, fewLabels, { stratify: "none" }).interval;
      return [low, high];
    },
    stages: async (timed) => {
      const sorted = await timed("check and sort", () => metrics.sortCases(fewScores, fewLabels));
      const plan = stats.planResamples(fewScores.length);
      await timed("draw 2,000 resamples", () => stats.eachResample(plan, 2000, 0, () => {}));
      const counts = new Int32Array(fewScores.length).fill(1);
      const area = metrics.resampledAuc(sorted);
      await timed("2,000 areas", () => Array.from({ length: 2000 }, () => area(counts)));
    },
    peers: [{ task: "sklearn_bootstrap", name: "NumPy loop over scikit-learn (200 resamples × 10)", factor: 10, agree: 0.004 }],
  },
  {
    name: "HD95, ASSD and surface Dice of 240×240×155 tumours",
    goal: 0.1,
    ours: () => {
      const pair = metrics.cropPair(prediction, truth, grid);
      const distances = metrics.surfaceDistancesOf(pair);
      const surfels = metrics.surfelDistancesOf(pair);
      return [
        metrics.robustHausdorff(surfels, 0.95),
        metrics.surfaceDiceOf(surfels, 2).score,
        metrics.hd95Of(distances, { convention: "pooled" }).score,
        metrics.assdOf(distances).score,
      ];
    },
    stages: async (timed) => {
      const pair = await timed("find and cut the boxes", () => metrics.cropPair(prediction, truth, grid));
      const distances = await timed("surface voxels and their distances", () => metrics.surfaceDistancesOf(pair));
      const surfels = await timed("surfels and their distances", () => metrics.surfelDistancesOf(pair));
      await timed("percentiles and shares", () => [metrics.hd95Of(distances), metrics.robustHausdorff(surfels, 0.95), metrics.surfaceDiceOf(surfels, 2)]);
    },
    peers: [
      { task: "surface_distance_all", name: "surface-distance (HD95, means, surface Dice)", agree: 1e-6, against: [0, 1] },
      { task: "medpy_distances", name: "MedPy (HD95, ASSD)", agree: 1e-6, against: [2, 3], rounds: 1 },
      { task: "monai_distances", name: "MONAI (HD95, ASD, surface Dice)", rounds: 3 },
    ],
  },
  {
    name: `Dice of ${options.cases} cases from .nii.gz`,
    goal: 0.7,
    ours: async () => {
      const cases = join(folder, "cases");
      const report = await scoring.scoreSegmentation({
        predictions: join(cases, "prediction"),
        truths: join(cases, "truth"),
        metrics: ["dice"],
      });
      return [report.metrics[0].value];
    },
    stages: async (timed) => {
      const files = ["prediction", "truth"].map((side) => join(folder, "cases", side, "case0000.nii.gz"));
      const times = (work) => async () => {
        for (let i = 0; i < Number(options.cases); i++) await work();
      };
      const images = await Promise.all(files.map((file) => io.readNifti(file)));
      await timed("read and unpack on one thread", times(() => Promise.all(files.map((file) => io.readNifti(file)))));
      await timed("count voxels on one thread", times(() => metrics.overlap(images[0].data, images[1].data)));
    },
    peers: [{ task: "nibabel_dice", name: "nibabel + NumPy", agree: 1e-9, rounds: 2 }],
  },
];

const python = await startPeers();
try {
  for (const row of rows) await measure(row);
} finally {
  python?.stop();
  rmSync(folder, { recursive: true });
}

async function measure({ name, goal, ours, peers, stages }) {
  console.log(`\n${name}`);
  const taken = { wall: [], cpu: [] };
  const theirs = peers.map(() => ({ wall: [], cpu: [] }));
  let value = await ours(); // warm
  const missing = new Map();
  for (let round = 0; round < rounds; round++) {
    const cpu = process.cpuUsage();
    const started = performance.now();
    value = await ours();
    taken.wall.push((performance.now() - started) / 1000);
    const used = process.cpuUsage(cpu);
    taken.cpu.push((used.user + used.system) / 1e6);
    for (const [index, peer] of peers.entries()) {
      if (missing.has(peer) || round >= (peer.rounds ?? rounds)) continue;
      const answer = await python.ask(peer.task);
      if (answer.missing) {
        missing.set(peer, answer.missing);
        continue;
      }
      theirs[index].wall.push(answer.seconds * (peer.factor ?? 1));
      theirs[index].cpu.push(answer.cpu * (peer.factor ?? 1));
      peer.value = answer.value;
    }
  }
  console.log(`  Folio: ${time(median(taken.wall))} (processor ${time(median(taken.cpu))}), median of ${rounds}`);
  const measured = [];
  peers.forEach((peer, index) => {
    if (missing.has(peer)) return console.log(`  SKIPPED ${peer.name}: ${missing.get(peer)}`);
    const [wall, cpu] = [median(theirs[index].wall), median(theirs[index].cpu)];
    measured.push(wall);
    const ratio = `ratio ${(median(taken.wall) / wall).toFixed(3)}, processor ${(median(taken.cpu) / cpu).toFixed(3)}`;
    console.log(`  ${peer.name}: ${time(wall)} (processor ${time(cpu)}); ${ratio}${agreement(peer, value)}`);
  });
  if (measured.length === 0) return console.log(`  goal ≤ ${goal}× the fastest peer: NOT MEASURED, no peer ran`);
  const ratio = median(taken.wall) / Math.min(...measured);
  console.log(`  goal ≤ ${goal}× the fastest peer: ${ratio <= goal ? "met" : "NOT MET"} (${ratio.toFixed(3)}×)`);
  if (ratio <= goal || !stages) return;
  const spent = [];
  await stages(async (stage, work) => {
    const started = performance.now();
    const result = await work();
    spent.push(`${stage} ${(performance.now() - started).toFixed(1)} ms`);
    return result;
  });
  console.log(`  where it goes: ${spent.join(", ")}`);
}

function agreement({ value, agree, against }, ours) {
  if (agree === undefined) return "";
  const apart = Math.max(...value.map((x, i) => Math.abs(x - ours[against ? against[i] : i])));
  return apart <= agree ? `; same values (within ${apart.toExponential(1)})` : `; VALUES DIFFER by ${apart}`;
}

async function startPeers() {
  const command = options.python ?? process.env.FOLIO_PYTHON ?? "python3";
  const child = spawn(command, ["-W", "ignore", join(import.meta.dirname, "peers", "metrics.py"), folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const gone = new Promise((resolve) =>
    child.on("error", (error) => resolve({ value: JSON.stringify({ missing: error.message }) })),
  );
  child.stdin.on("error", () => {});
  return {
    async ask(task) {
      child.stdin.write(`${JSON.stringify({ task })}\n`);
      const { value, done } = await Promise.race([lines.next(), gone]);
      return done ? { missing: `${command} ended; it needs NumPy at least` } : JSON.parse(value);
    },
    stop: () => child.stdin.end(),
  };
}

// An ellipsoid with a wavy surface, some 60 voxels across.
function tumour(name, shift) {
  const waves = Array.from({ length: 12 }, () => ({
    f: [0, 0, 0].map(() => random.stream(name).normal(0, 1)),
    phase: random.uniform(0, 6),
  }));
  waves.forEach((wave, i) => (wave.f = [0, 1, 2].map((axis) => random.stream(`${name}/${i}/${axis}`).normal(0, 0.12))));
  const mask = new Uint8Array(shape[0] * shape[1] * shape[2]);
  for (let z = 35; z < 110; z++) {
    for (let y = 80; y < 160; y++) {
      for (let x = 55; x < 150; x++) {
        const r = ((z - 70 - shift) / 25) ** 2 + ((y - 120) / 32) ** 2 + ((x - 100 - shift) / 36) ** 2;
        if (r > 2) continue;
        const rough = waves.reduce((sum, { f, phase }) => sum + Math.sin(f[0] * z + f[1] * y + f[2] * x + phase), 0);
        if (r + 0.06 * rough < 1) mask[(z * shape[1] + y) * shape[2] + x] = 1;
      }
    }
  }
  return mask;
}

// Twenty different cases under as many names as asked for.
async function writeCases(count) {
  const size = [80, 80, 40];
  for (const side of ["prediction", "truth"]) {
    mkdirSync(join(folder, "cases", side), { recursive: true });
    for (let i = 0; i < count; i++) {
      const path = join(folder, "cases", side, `case${String(i).padStart(4, "0")}.nii.gz`);
      if (i >= 20) {
        copyFileSync(join(folder, "cases", side, `case${String(i % 20).padStart(4, "0")}.nii.gz`), path);
        continue;
      }
      const radius = 8 + random.stream(`${i}`).uniform(0, 6) + (side === "truth" ? 0 : random.stream(`${i}/p`).uniform(-2, 2));
      const data = Uint8Array.from({ length: size[0] * size[1] * size[2] }, (_, k) => {
        const [x, y, z] = [k % 80, Math.floor(k / 80) % 80, Math.floor(k / 6400)];
        return Math.hypot(x - 40, y - 40, 1.5 * (z - 20)) < radius + Math.sin(x * y * 0.05) ? 1 : 0;
      });
      await io.writeNifti(path, { data, shape: size, spacingMm: [1, 1, 1.5] });
    }
  }
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function time(seconds) {
  return seconds < 1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}
