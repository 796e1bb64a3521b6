// npm run bench -- engine [--engine NAME …] [--net NAME …] [--steps N] [--threads N]
// Times one training step of each network on each engine that is there, and on PyTorch beside it (bench/peers/engine.py).
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { findEngines, openEngine } from "../dist/engine/index.js";
import { nets } from "./engine/nets.mjs";
import { torchTimes } from "./peers/torch.mjs";

const { values: options } = parseArgs({
  options: {
    engine: { type: "string", multiple: true },
    net: { type: "string", multiple: true, default: Object.keys(nets) },
    steps: { type: "string", default: "7" },
    threads: { type: "string" },
  },
});
const threads = options.threads === undefined ? undefined : Number(options.threads);
const names = options.engine ?? (await findEngines()).filter((engine) => engine.available).map((engine) => engine.name);
const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];

async function time(tf, name) {
  const { title, step, repeats = 1 } = nets[name](tf);
  const once = async () => {
    const started = performance.now();
    let value;
    for (let i = 0; i < repeats; i++) {
      const loss = step();
      [value] = await loss.data();
      loss.dispose();
    }
    return { ms: (performance.now() - started) / repeats, value };
  };
  const first = await once();
  await once();
  const runs = [];
  for (let i = 0; i < Number(options.steps); i++) runs.push(await once());
  return { title, first: first.ms, min: Math.min(...runs.map((run) => run.ms)), median: median(runs.map((run) => run.ms)), loss: runs.at(-1).value };
}

const rows = [];
for (const prefer of names) {
  const engine = await openEngine({ prefer, threads });
  console.log(`${prefer}: ${engine.describe().device}`);
  for (const name of options.net) {
    const row = await time(engine.tf, name);
    rows.push({ engine: prefer, net: name, ...row });
    const ms = (value) => `${value.toFixed(1).padStart(8)} ms`;
    console.log(`  ${row.title.padEnd(36)} median ${ms(row.median)}  min ${ms(row.min)}  first ${ms(row.first)}  loss ${row.loss.toFixed(4)}`);
  }
  await engine.close();
}

const peer = await torchTimes(options.net, { threads: threads ?? availableParallelism(), steps: Number(options.steps) });
if (peer.missing) console.log(`\nPyTorch was NOT measured: ${peer.missing}`);
else {
  console.log(`\n${peer.device}`);
  for (const { net, median, min } of peer.rows) {
    const ratios = rows.filter((row) => row.net === net).map((row) => `${row.engine} ${(row.median / median).toFixed(2)}×`);
    console.log(`  ${net.padEnd(36)} median ${median.toFixed(1).padStart(8)} ms  min ${min.toFixed(1).padStart(8)} ms  ${ratios.join(", ")}`);
  }
}
