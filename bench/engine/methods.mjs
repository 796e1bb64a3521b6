// npm run build && node bench/engine/methods.mjs [--seconds N] [METHOD …]: trains each method at preset quick on data made for it, for N
// seconds at most (then it is stopped as Ctrl-C stops it), and prints what the engine counted: graphs compiled and the time that took,
// kernels that ran on plain JavaScript, steps replayed and recorded, and why.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const datasets = { astra: "dcase", aespa: "lidc", rasalore: "brats", asmr: "acdc", "prs-med": "prs-med" };
const root = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "folio-methods-"));

const { values: { seconds: most }, positionals: chosen } = parseArgs({ options: { seconds: { type: "string" } }, allowPositionals: true });

function folio(nodeOptions, ...args) {
  const call = [...nodeOptions, join(root, "dist", "cli", "main.js"), ...args];
  const env = { ...process.env, ...(most && { FOLIO_COUNT_SECONDS: most }) };
  const { status, stderr, output } = spawnSync(process.execPath, call, { cwd: root, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe", "pipe"], maxBuffer: 2 ** 26 });
  if (status !== 0 && !(most && stderr.includes("Interrupted"))) throw new Error(`folio ${args.join(" ")}: ${stderr.trim().split("\n").at(-1)}`);
  return output[3];
}

for (const [method, dataset] of Object.entries(datasets).filter(([name]) => chosen.length === 0 || chosen.includes(name))) {
  const data = join(folder, dataset);
  if (dataset === "brats") {
    folio([], "data", "make", dataset, "--preset", "quick", "--out", `${data}-volumes`);
    folio([], "data", "make", dataset, "--from", `${data}-volumes`, "--out", data);
  } else folio([], "data", "make", dataset, "--preset", "quick", "--out", data);
  const started = performance.now();
  const lines = folio(["--import", join(import.meta.dirname, "count-at-close.mjs")], "train", method, "--data", data, "--preset", "quick", "--out", join(folder, method));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  for (const line of lines.trim().split("\n")) {
    const { elsewhere, recorded, runs, runMs, graphsCompiled, compileMs, stepsReplayed } = JSON.parse(line);
    const counts = (what) => Object.entries(what).map(([name, count]) => `\n    ${String(count).padStart(6)}  ${name}`).join("") || " none";
    console.log(`${method}, ${seconds} s: ${runs} runs of ${(runMs / runs).toFixed(1)} ms, ${graphsCompiled} graphs compiled in ${(compileMs / 1000).toFixed(1)} s, ${stepsReplayed} steps replayed`);
    console.log(`  kernels on plain JavaScript:${counts(elsewhere)}\n  steps recorded because:${counts(recorded)}`);
  }
}
rmSync(folder, { recursive: true });
