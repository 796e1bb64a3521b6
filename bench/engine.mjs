// npm run bench -- engine [--engine NAME …] [--net NAME …] [--steps N] [--threads N] [--plain]
// Times one training step of each network on each engine that is there, and on PyTorch beside it (bench/peers/engine.py):
// wall clock, and the least processor time of a step, which a busy machine disturbs less.
// Steps are wrapped by engine.step unless --plain is given.
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
    plain: { type: "boolean" },
  },
});
const threads = options.threads === undefined ? undefined : Number(options.threads);
const names = options.engine ?? (await findEngines()).filter((engine) => engine.available).map((engine) => engine.name);
const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];

async function time(engine, name) {
  const { title, step: plain, repeats = 1 } = nets[name](engine.tf);
  const step = options.plain ? plain : engine.step(plain);
  const once = async () => {
    const started = performance.now();
    const cpuBefore = process.cpuUsage();
    let value;
    for (let i = 0; i < repeats; i++) {
      const loss = step();
      [value] = await loss.data();
      loss.dispose();
    }
    const { user, system } = process.cpuUsage(cpuBefore);
    return { ms: (performance.now() - started) / repeats, cpu: (user + system) / 1000 / repeats, value };
  };
  const first = await once();
  for (let i = 0; i < 3; i++) await once();
  const runs = [];
  for (let i = 0; i < Number(options.steps); i++) runs.push(await once());
  const times = runs.map((run) => run.ms);
  const cpu = Math.min(...runs.map((run) => run.cpu));
  return { title, first: first.ms, min: Math.min(...times), median: median(times), cpu, loss: runs.at(-1).value };
}

const rows = [];
for (const prefer of names) {
  const engine = await openEngine({ prefer, threads });
  console.log(`${prefer}: ${engine.describe().device}`);
  for (const name of options.net) {
    const row = await time(engine, name);
    rows.push({ engine: prefer, net: name, ...row });
    const ms = (value) => `${value.toFixed(1).padStart(8)} ms`;
    console.log(
      `  ${row.title.padEnd(36)} median ${ms(row.median)}  min ${ms(row.min)}  processor ${ms(row.cpu)}  first ${ms(row.first)}  loss ${row.loss.toFixed(4)}`,
    );
  }
  await engine.close();
}

const peer = await torchTimes(options.net, { threads: threads ?? availableParallelism(), steps: Number(options.steps) });
if (peer.missing) console.log(`\nPyTorch was NOT measured: ${peer.missing}`);
else {
  console.log(`\n${peer.device}`);
  for (const { net, ...theirs } of peer.rows) {
    const ms = (value) => `${value.toFixed(1).padStart(8)} ms`;
    const ratio = (row) => `${row.engine} ${(row.median / theirs.median).toFixed(2)}× (processor ${(row.cpu / theirs.cpu).toFixed(2)}×)`;
    const ratios = rows
      .filter((row) => row.net === net)
      .map(ratio)
      .join(", ");
    console.log(`  ${net.padEnd(36)} median ${ms(theirs.median)}  min ${ms(theirs.min)}  processor ${ms(theirs.cpu)}  ${ratios}`);
  }
}
