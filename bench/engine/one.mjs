// node bench/engine/one.mjs '{"engine":"ort","net":"unet","threads":1,"steps":7}': times one network on one engine in a
// process of its own, so that its first step is cold and the peak of memory is its own. Prints one JSON object.
import { openEngine } from "../../dist/engine/index.js";
import { nets } from "./nets.mjs";

const { engine: prefer, net, threads, steps, plain, fixed, precision, times } = JSON.parse(process.argv[2]);
const engine = await openEngine({ prefer, threads, weights: fixed ? "fixed" : "variable", precision });
const { title, step: once, repeats = 1 } = nets[net](engine.tf, times);
const step = plain ? once : engine.step(once);

async function time(repeats) {
  const started = performance.now();
  const before = process.cpuUsage();
  let value;
  for (let i = 0; i < repeats; i++) {
    const loss = step();
    [value] = await loss.data();
    loss.dispose();
  }
  const { user, system } = process.cpuUsage(before);
  return { ms: (performance.now() - started) / repeats, cpu: (user + system) / 1000 / repeats, value };
}

const first = await time(1);
for (let i = 0; i < 4; i++) await time(repeats);
const runs = [];
for (let i = 0; i < steps; i++) runs.push(await time(repeats));
const sorted = runs.map((run) => run.ms).toSorted((a, b) => a - b);
const result = {
  title,
  device: engine.describe().device,
  state: engine.describe().state,
  first: first.ms,
  firstCpu: first.cpu,
  min: sorted[0],
  median: sorted[sorted.length >> 1],
  cpu: Math.min(...runs.map((run) => run.cpu)),
  loss: runs.at(-1).value,
  megabytes: process.resourceUsage().maxRSS / 1024,
  elsewhere: engine.describe().counters?.kernelsElsewhere ?? 0,
};
process.stdout.write(JSON.stringify(result));
await engine.close();
