import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import util from "node:util";
import type { Availability, Backend, RunningBackend } from "../backend.js";
import type { EngineName, TensorFlow } from "../engine.js";
import { EngineUnavailable } from "../errors.js";
import { importCommonJs } from "../tfjs.js";

type NodeEngine = Extract<EngineName, "tensorflow" | "tensorflow-gpu">;

interface TfjsNode {
  readonly version: Readonly<Record<string, string>>;
}

interface NodeBackend {
  readonly isUsingGpuDevice?: boolean;
  readonly binding?: { TF_Version?: string };
}

const packages: Record<NodeEngine, string> = {
  tensorflow: "@tensorflow/tfjs-node",
  "tensorflow-gpu": "@tensorflow/tfjs-node-gpu",
};

/** TensorFlow's C library through `@tensorflow/tfjs-node(-gpu)`, which the user installs: it downloads libtensorflow. */
export function tensorflowBackend(name: NodeEngine, resolve: (id: string) => string = resolvePackage): Backend {
  return {
    name,
    probe: async () => probe(name, resolve),
    start: async (tf) => start(name, tf, resolve),
  };
}

async function probe(name: NodeEngine, resolve: (id: string) => string): Promise<Availability> {
  const needs = name === "tensorflow-gpu" ? " It needs an NVIDIA GPU with CUDA 11.2 and cuDNN 8.1." : "";
  const install = `Install it with "npm install ${packages[name]}@4.22.0 --no-save --ignore-scripts=false" (it downloads libtensorflow).${needs}`;
  try {
    resolve(packages[name]);
  } catch {
    return { available: false, why: `${packages[name]} is not installed`, remedy: install };
  }
  if (name === "tensorflow-gpu" && !(await hasNvidiaGpu())) {
    return { available: false, why: "no NVIDIA GPU was found (nvidia-smi does not answer)", remedy: `Install NVIDIA's driver.${needs}` };
  }
  return { available: true, device: name === "tensorflow" ? "TensorFlow C library, CPU" : "TensorFlow C library, CUDA" };
}

async function start(name: NodeEngine, tf: TensorFlow, resolve: (id: string) => string): Promise<RunningBackend> {
  restoreRemovedUtilities();
  let addon: TfjsNode;
  try {
    addon = await importCommonJs<TfjsNode>(import(resolve(packages[name])));
  } catch (error) {
    const remedy = `Build it with "npm rebuild ${packages[name]} --ignore-scripts=false", or use Node 22 or older.`;
    throw new EngineUnavailable(
      name,
      `${packages[name]} is installed but does not load (${(error as Error).message.split("\n")[0]})`,
      remedy,
    );
  }
  await tf.setBackend("tensorflow");
  await tf.ready();
  const backend = tf.backend() as unknown as NodeBackend;
  // The package falls back to the CPU without a word when CUDA's libraries are missing.
  if (name === "tensorflow-gpu" && backend.isUsingGpuDevice !== true) {
    tf.removeBackend("tensorflow");
    throw new EngineUnavailable(name, "libtensorflow found no usable GPU and would compute on the CPU", "Install CUDA 11.2 and cuDNN 8.1.");
  }
  return {
    device: `TensorFlow C library${backend.binding?.TF_Version ? ` ${backend.binding.TF_Version}` : ""}, ${name === "tensorflow" ? "CPU" : "CUDA"}`,
    versions: { [packages[name]]: addon.version["tfjs-node"] ?? "unknown" },
    close: async () => tf.removeBackend("tensorflow"),
  };
}

/** tfjs-node 4.22 calls functions that Node 23 removed from `util`; giving them back is all it needs. */
export function restoreRemovedUtilities(target: object = util): void {
  const removed: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isArray: Array.isArray,
  };
  for (const [name, implementation] of Object.entries(removed)) {
    if (!(name in target)) Object.defineProperty(target, name, { value: implementation, configurable: true });
  }
}

/** From the user's project first, then from where Folio lies. */
function resolvePackage(id: string): string {
  try {
    return createRequire(join(process.cwd(), "package.json")).resolve(id);
  } catch {
    return createRequire(import.meta.url).resolve(id);
  }
}

function hasNvidiaGpu(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile("nvidia-smi", ["-L"], { timeout: 5000 }, (error, stdout) => resolve(error === null && stdout.includes("GPU")));
  });
}
