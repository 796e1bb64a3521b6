import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLazy } from "./dist/engine/ort/backend.js";
import { loadTensorFlow } from "./dist/engine/tfjs.js";
import { initActorCritic } from "./dist/methods/asmr/policy.js";
import { ppoStep } from "./dist/methods/asmr/ppo.js";
import { presets } from "./dist/methods/asmr/config.js";
import { Adam, trainableVariables } from "./dist/nn/index.js";
import { qualityFunction } from "./dist/methods/asmr/environment.js";
import { initSegmenter } from "./dist/methods/asmr/segmenter.js";
import { player } from "./dist/methods/asmr/collect.js";
const [what, n = "64", profile] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "folio-profile-"));
const tf = await loadTensorFlow();
const running = await startLazy(tf, { threads: 1, ...(profile && { profile: join(folder, "graph") }) });
const config = presets.small, N = Number(n);
const engine = { tf, step: running.step ?? ((f) => f) };
const R = (k) => Float32Array.from({ length: k }, Math.random);
const slice = () => ({ size: 48, kReal: R(2304), kImag: R(2304), image: R(2304), label: R(2304).map((x) => Math.floor(x * 4)) });
const slices = Array.from({ length: N }, slice);
const policy = initActorCritic(tf, config, 1);
const mask = () => { const m = new Float32Array(48); for (let i = 0; i < 5; i++) m[Math.floor(Math.random() * 48)] = 1; return m; };
const masks = slices.map(mask), legal = masks.map((m) => m.map((x) => 1 - x));
let act;
if (what === "grad") {
  const adam = new Adam(tf, trainableVariables(policy.weights), 1e-3, { weightDecay: 1e-4 });
  const take = ppoStep(engine, policy, adam, config.ppo);
  const exp = slices.map((s, i) => ({ slice: s, mask: masks[i], legal: legal[i], remaining: 3, actions: [legal[i].indexOf(1)], logProbability: -3.8, value: 0.1, advantage: Math.random() - 0.5, return: 0.3 }));
  act = () => take(exp);
} else if (what === "quality") { const q = qualityFunction(engine, initSegmenter(tf, config, 1), config.reward); act = () => q(slices, masks); }
else { const who = player(engine, policy); act = () => who.look(slices, masks, legal, 3); }
const times = [];
for (let i = 0; i < 14; i++) { const c = process.cpuUsage(); await act(); const u = process.cpuUsage(c); times.push((u.user + u.system) / 1e3); }
console.log(what, n, "cpu ms a call:", times.slice(4).toSorted((a, b) => a - b)[5].toFixed(1), times.map((t) => t.toFixed(0)).join(" "));
await running.close();
if (!profile) { rmSync(folder, { recursive: true }); process.exit(); }
const files = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")));
rmSync(folder, { recursive: true });
const nodesOf = (events) => events.filter((event) => event.cat === "Node" && event.name.endsWith("_kernel_time"));
const largest = files.toSorted((a, b) => nodesOf(b).length - nodesOf(a).length)[0];
const nodes = new Map();
for (const { name, args, dur } of nodesOf(largest)) {
  const shapes = (args.input_type_shape ?? []).map((entry) => `[${Object.values(entry)[0].join("×")}]`).join(" ");
  const node = nodes.get(name) ?? { operator: args.op_name, shapes, times: [] };
  node.times.push(dur); nodes.set(name, node);
}
const report = (keyOf, limit) => {
  const groups = new Map();
  for (const node of nodes.values()) { const key = keyOf(node); const g = groups.get(key) ?? { ms: 0, count: 0 }; g.ms += node.times.toSorted((a, b) => a - b)[node.times.length >> 2] / 1000; g.count++; groups.set(key, g); }
  console.log(`\n${nodes.size} nodes, ${[...groups.values()].reduce((s, g) => s + g.ms, 0).toFixed(1)} ms`);
  for (const [key, { ms, count }] of [...groups].toSorted((a, b) => b[1].ms - a[1].ms).slice(0, limit)) console.log(`${ms.toFixed(2).padStart(8)} ms ${String(count).padStart(5)}  ${key}`);
};
report((n) => n.operator, 14);
report((n) => `${n.operator} ${n.shapes}`.slice(0, 150), 30);
