// node bench/engine/pack.mjs FILE.tar.xz: what bench/engine-gpu.mjs needs on a Linux x64 machine without a network, in one archive: the
// build, the bench, the golden values, and of every package only what Node loads.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const [target] = process.argv.slice(2);
if (target === undefined) {
  console.error("Usage: node bench/engine/pack.mjs FILE.tar.xz");
  process.exit(2);
}

/** A package and everything it depends on, as folders of node_modules. */
function withDependencies(name, from = root, seen = new Set()) {
  for (let folder = from; ; folder = join(folder, "..")) {
    const path = join(folder, "node_modules", name);
    if (!existsSync(join(path, "package.json"))) {
      if (folder === root) return seen; // optional, and not installed
      continue;
    }
    if (seen.has(path)) return seen;
    seen.add(path);
    const { dependencies = {} } = createRequire(import.meta.url)(join(path, "package.json"));
    for (const each of Object.keys(dependencies)) withDependencies(each, path, seen);
    return seen;
  }
}

const { dependencies } = createRequire(import.meta.url)(join(root, "package.json"));
const engines = ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm", "@tensorflow/tfjs-backend-webgpu", "onnxruntime-node", "webgpu", "fflate"];
// The build imports other packages only where it uses them; these small ones it imports at once.
const small = Object.keys(dependencies).filter((name) => !/chromium|plotly|typescript|monaco|puppeteer|onnxruntime|tensorflow/.test(name));
const folders = [...new Set([...engines, ...small].flatMap((name) => [...withDependencies(name)]))];
const excluded = [
  "*.map", "*.d.ts", "*.md", "*.test.js", "*.min.js", "*.es2017.js", "*.fesm.js", "*.fesm.min.js", "*/src/*.ts",
  "*/tfjs*/dist/miniprogram", "*/tfjs-backend-webgl/dist/*_gpu.js", "*/onnxruntime-node/bin/*/win32", "*/onnxruntime-node/bin/*/darwin", "*/onnxruntime-node/bin/*/linux/arm64",
  "*/webgpu/dist/darwin-universal", "*/webgpu/dist/linux-arm64", "*/webgpu/dist/win32-*",
];
const paths = ["package.json", "dist", "bench", "scripts", "tests/golden/training_nets.json", ...folders.map((folder) => relative(root, folder))];
const { status } = spawnSync("tar", ["-cJf", target, ...excluded.map((pattern) => `--exclude=${pattern}`), "-C", root, ...paths], { stdio: "inherit", env: { ...process.env, XZ_OPT: "-3 -T0" } });
if (status !== 0) process.exit(1);
console.log(`${target}: ${(statSync(target).size / 2 ** 20).toFixed(1)} MiB`);
