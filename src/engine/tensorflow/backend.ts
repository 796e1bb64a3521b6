import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import util from "node:util";
import type { Availability, Backend, RunningBackend } from "../backend.js";
import type { TensorFlow } from "../engine.js";
import { EngineUnavailable } from "../errors.js";
import { noNvidiaGpu } from "../missing-gpu.js";
import { resolvePackage, type ResolvePackage } from "../optional-package.js";
import { findAddon, packages, tensorflowVersion, type NodeEngine } from "./addon.js";
import { registerTensorflowKernels } from "./kernels.js";

interface TfjsNode {
  readonly version: Readonly<Record<string, string>>;
}

interface NodeBackend {
  readonly isUsingGpuDevice?: boolean;
  readonly binding?: { readonly TF_Version?: string };
}

/** What the probe asks of the machine. */
export interface NodeMachine {
  readonly resolve: ResolvePackage;
  hasNvidiaGpu(): Promise<boolean>;
}

/** TensorFlow's C library through `@tensorflow/tfjs-node(-gpu)`, which the user adds: the library is several hundred MB. */
export function tensorflowBackend(name: NodeEngine, machine: NodeMachine = { resolve: resolvePackage, hasNvidiaGpu }): Backend {
  return {
    name,
    probe: () => probe(name, machine),
    start: (tf) => start(name, tf, machine),
  };
}

const cudaRemedy = `Install the CUDA and cuDNN that "pip install tensorflow[and-cuda]==${tensorflowVersion}" brings, and add their lib folders to LD_LIBRARY_PATH.`;

async function probe(name: NodeEngine, { resolve, hasNvidiaGpu: asksGpu }: NodeMachine): Promise<Availability> {
  if (name === "tensorflow-gpu" && !(await asksGpu())) return noNvidiaGpu;
  const addon = findAddon(name, resolve);
  const remedy = `Run "folio engine install ${name}", which builds it with TensorFlow ${tensorflowVersion} from PyPI (Linux x64, needs g++), or "npm install ${packages[name]}@4.22.0 --ignore-scripts=false".`;
  if (addon === undefined) return { available: false, why: `${packages[name]} is not installed`, remedy };
  if (!addon.complete) return { available: false, why: `${packages[name]} is installed without its native addon`, remedy };
  return { available: true, device: name === "tensorflow" ? "TensorFlow C library, CPU" : "TensorFlow C library, CUDA" };
}

async function start(name: NodeEngine, tf: TensorFlow, { resolve }: NodeMachine): Promise<RunningBackend> {
  const addon = load(name, tf, resolve);
  registerTensorflowKernels(tf);
  await tf.setBackend("tensorflow");
  await tf.ready();
  const backend = tf.backend() as unknown as NodeBackend;
  // libtensorflow falls back to the processor without a word when CUDA's libraries are missing.
  if (name === "tensorflow-gpu" && backend.isUsingGpuDevice !== true) {
    await tf.setBackend("cpu");
    throw new EngineUnavailable(name, "libtensorflow found no usable GPU and would compute on the processor", cudaRemedy);
  }
  return {
    device: `TensorFlow ${backend.binding?.TF_Version ?? "C library"}, ${backend.isUsingGpuDevice === true ? "CUDA" : "CPU"}`,
    state: backend.isUsingGpuDevice === true ? "on the GPU" : "on the processor",
    versions: { "tfjs-node": addon.version["tfjs-node"] ?? "unknown" },
    // The addon cannot be loaded twice, so its backend stays, without tensors.
    close: async () => {
      await tf.setBackend("cpu");
    },
  };
}

function load(name: NodeEngine, tf: TensorFlow, resolve: ResolvePackage): TfjsNode {
  const found = findAddon(name, resolve);
  restoreRemovedUtilities();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "1"; // libtensorflow tells on stderr which instructions it uses
  // Only then does TensorFlow.js not warn that the package brings a platform of its own.
  const production = tf.env().getBool("PROD");
  tf.env().set("PROD", true);
  try {
    if (found === undefined) throw new Error("not found");
    const theirs = createRequire(found.main);
    shareTensorFlow(theirs);
    return theirs(found.main) as TfjsNode;
  } catch (error) {
    const why = `${packages[name]} is installed but does not load (${(error as Error).message.split("\n")[0]})`;
    throw new EngineUnavailable(name, why, `Run "folio engine install ${name}" to build it for this machine.`);
  } finally {
    tf.env().set("PROD", production);
  }
}

/** A second copy of TensorFlow.js would put its own, uncorrected gradients in the place of Folio's: the package gets ours. */
function shareTensorFlow(theirs: NodeJS.Require): void {
  const ours = createRequire(import.meta.url);
  const [file, copy] = [ours.resolve("@tensorflow/tfjs"), theirs.resolve("@tensorflow/tfjs")];
  if (file !== copy) theirs.cache[copy] = ours.cache[file];
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

function hasNvidiaGpu(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile("nvidia-smi", ["-L"], { timeout: 5000 }, (error, stdout) => resolve(error === null && stdout.includes("GPU")));
  });
}
