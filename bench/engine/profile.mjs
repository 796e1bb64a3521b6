// node bench/engine/profile.mjs NET [steps] [cpu|webgpu|cuda]: where ONNX Runtime spends one training step, by operator and by shape; on a
// GPU also which operators its provider leaves to the processor.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLazy } from "../../dist/engine/ort/backend.js";
import { loadTensorFlow } from "../../dist/engine/tfjs.js";
import { nets } from "./nets.mjs";

const [name = "astra", steps = "6", provider = "cpu"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "folio-profile-"));
const tf = await loadTensorFlow();
const running = await startLazy(tf, { threads: 1, profile: join(folder, "graph"), ...(provider !== "cpu" && { name: `ort-${provider}`, provider }) });
const { step } = nets[name](tf);
for (let i = 0; i < Number(steps); i++) {
  const started = performance.now();
  const loss = step();
  await loss.data();
  loss.dispose();
  console.log(`step ${i}: ${(performance.now() - started).toFixed(0)} ms`);
}
console.log(running.counters());
await running.close();

const files = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")));
rmSync(folder, { recursive: true });
const nodesOf = (events) => events.filter((event) => event.cat === "Node" && event.name.endsWith("_kernel_time"));
const largest = files.toSorted((a, b) => nodesOf(b).length - nodesOf(a).length)[0];
const nodes = new Map();
for (const { name, args, dur } of nodesOf(largest)) {
  const shapes = (args.input_type_shape ?? []).map((entry) => `[${Object.values(entry)[0].join("×")}]`).join(" ");
  const node = nodes.get(name) ?? { operator: args.op_name, provider: args.provider, shapes, times: [] };
  node.times.push(dur);
  nodes.set(name, node);
}
const report = (keyOf, limit) => {
  const groups = new Map();
  for (const node of nodes.values()) {
    const key = keyOf(node);
    const group = groups.get(key) ?? { ms: 0, count: 0 };
    group.ms += Math.min(...node.times) / 1000; // what a busy machine disturbs least
    group.count++;
    groups.set(key, group);
  }
  const total = [...groups.values()].reduce((sum, group) => sum + group.ms, 0);
  console.log(`\n${nodes.size} nodes, ${total.toFixed(1)} ms`);
  for (const [key, { ms, count }] of [...groups].toSorted((a, b) => b[1].ms - a[1].ms).slice(0, limit))
    console.log(`${ms.toFixed(2).padStart(8)} ms ${String(count).padStart(5)}  ${key}`);
};
if (provider !== "cpu") report((node) => (node.provider.startsWith("CPU") ? `processor: ${node.operator}` : "GPU"), 30);
report((node) => node.operator, 16);
report((node) => `${node.operator} ${node.shapes}`.slice(0, 150), 40);
