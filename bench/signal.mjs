// npm run bench -- signal [--seconds N] [--repeats N]
// Times log-mel spectrograms and ASTRA's picture of one clip, and librosa + Pillow beside them (bench/peers/signal_twin.py);
// also says how far apart the two are on the same samples.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "../dist/core/index.js";
import { logMel, logMelImage } from "../dist/signal/index.js";

const { values: options } = parseArgs({ options: { seconds: { type: "string", default: "10" }, repeats: { type: "string", default: "20" } } });
const repeats = Number(options.repeats);
const random = seededRandom(1).stream("bench");
const samples = Float32Array.from({ length: Number(options.seconds) * 16000 }, (_, i) => 0.3 * Math.sin(i / 7) + random.normal(0, 0.05));

const common = { sampleRate: 16000, nMels: 128, fMin: 20, fMax: 8000, ref: "max", topDb: 80 };
const settings = [1024, 2048, 512, 400].map((nFft) => ({ ...common, nFft, hopLength: nFft === 400 ? 160 : nFft / 2 }));
const times = (work) => Array.from({ length: repeats + 1 }, () => {
  const started = performance.now();
  work();
  return performance.now() - started;
});
const summary = (ms) => ({ first: ms[0], median: ms.slice(1).toSorted((a, b) => a - b)[repeats >> 1] });

const ours = [
  ...settings.map((setting) => ({ name: `log-mel, nFft ${setting.nFft}`, ...summary(times(() => logMel(samples, setting))) })),
  { name: "picture 224 × 224", ...summary(times(() => logMelImage(samples))) },
];
const peer = librosa();
console.log(`${options.seconds} s of 16 kHz, median of ${repeats}`);
for (const [i, { name, first, median }] of ours.entries()) {
  const theirs = peer.medians?.[i];
  const beside = theirs === undefined ? "" : `  librosa ${theirs.toFixed(1).padStart(6)} ms  ${(median / theirs).toFixed(2)}×`;
  console.log(`  ${name.padEnd(20)} ${median.toFixed(1).padStart(6)} ms  (first ${first.toFixed(1)} ms)${beside}`);
}
if (peer.missing) console.log(`librosa was NOT measured: ${peer.missing}`);
else console.log(`${peer.versions}; largest difference of the log-mels ${Math.max(...peer.differences).toExponential(1)} dB`);

function librosa() {
  const spectrograms = settings.map((setting) => [...logMel(samples, setting).data]);
  const input = JSON.stringify({ samples: [...samples], settings, spectrograms, repeats });
  const python = process.env.FOLIO_PYTHON ?? "python3";
  const { status, stdout, stderr, error } = spawnSync(python, [join(import.meta.dirname, "peers", "signal_twin.py")], {
    input, encoding: "utf8", maxBuffer: 2 ** 28,
  });
  if (!error && status === 0) return JSON.parse(stdout);
  const why = stderr?.trim().split("\n").at(-1) || error?.message;
  return { missing: `${why}. Install tests/golden/requirements.txt and name that Python in FOLIO_PYTHON.` };
}
