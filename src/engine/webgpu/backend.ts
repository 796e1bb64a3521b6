import { execFile } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Availability, Backend, RunningBackend } from "../backend.js";
import type { TensorFlow } from "../engine.js";
import { EngineUnavailable } from "../errors.js";
import { noWebgpu } from "../missing-gpu.js";
import { missingPackage, resolvePackage, type ResolvePackage } from "../optional-package.js";
import { importCommonJs } from "../tfjs.js";
import { adapterName, requestAdapter, type Adapter, type AdapterInfo, type Device } from "./dawn.js";
import { withHonestReads, type WebgpuBackend } from "./honest-reads.js";
import { registerWebgpuKernels } from "./kernels.js";

interface WebgpuPackage {
  readonly WebGPUBackend: new (device: Device, info: AdapterInfo) => WebgpuBackend;
}

const packages = { "@tensorflow/tfjs-backend-webgpu": "4.22.0", webgpu: "0.6.2" };
const installRemedy = `Run "npm install ${Object.entries(packages)
  .map(([name, version]) => `${name}@${version}`)
  .join(" ")}".`;

/** How the probe learns the adapter's name: `""` without one. */
export type AskAdapter = () => Promise<string>;

/** TensorFlow.js's own WebGPU backend on Dawn, both optional packages: any GPU with Vulkan, Metal or Direct3D 12. */
export function webgpuBackend(resolve: ResolvePackage = resolvePackage, ask: AskAdapter = askInOwnProcess): Backend {
  return {
    name: "webgpu",
    probe: () => probe(resolve, ask),
    start: (tf) => start(tf, resolve),
  };
}

async function probe(resolve: ResolvePackage, ask: AskAdapter): Promise<Availability> {
  const missing = missingPackage(Object.keys(packages), resolve);
  if (missing !== undefined) return { available: false, why: `the package ${missing} is not installed`, remedy: installRemedy };
  const adapter = await ask();
  if (adapter === "") return noWebgpu;
  return { available: true, device: `${adapter}, through WebGPU (Dawn)` };
}

/** In a process of its own: drivers write to stderr, and a broken one ends the process. */
function askInOwnProcess(): Promise<string> {
  const probing = fileURLToPath(new URL("adapter-probe.js", import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [probing], { timeout: 20_000 }, (error, stdout) => resolve(error === null ? stdout.trim() : ""));
  });
}

async function start(tf: TensorFlow, resolve: ResolvePackage): Promise<RunningBackend> {
  const adapter = await requestAdapter(resolve);
  if (adapter === null) throw new EngineUnavailable("webgpu", noWebgpu.why, noWebgpu.remedy);
  const webgpu = await importCommonJs<WebgpuPackage>(import(pathToFileURL(resolve("@tensorflow/tfjs-backend-webgpu")).href));
  const device = await requestDevice(adapter).catch((error: Error) => {
    throw new EngineUnavailable("webgpu", `the GPU was found and does not open (${error.message.trim().split("\n")[0]})`, "Update its driver, and close other programs that use it.");
  });
  const backend = withHonestReads(
    asInBrowser(() => new webgpu.WebGPUBackend(device, adapter.info)),
    device,
  );
  registerWebgpuKernels(tf);
  tf.registerBackend("webgpu", () => backend, 1);
  await tf.setBackend("webgpu");
  return {
    device: `${adapterName(adapter.info)}, through WebGPU (Dawn)`,
    state: "on the GPU",
    versions: packages,
    close: async () => {
      tf.removeBackend("webgpu");
      device.destroy();
    },
  };
}

// TensorFlow.js's shaders and large tensors need more than WebGPU's modest defaults: ask for all that the GPU has.
const limits = [
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupSizeX",
  "maxComputeInvocationsPerWorkgroup",
];

function requestDevice(adapter: Adapter): Promise<Device> {
  return adapter.requestDevice({
    requiredFeatures: ["timestamp-query"].filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(limits.map((name) => [name, adapter.limits[name]])),
  });
}

// The backend's constructor refuses to work where it sees no browser, and then needs nothing of one.
function asInBrowser<T>(make: () => T): T {
  const stands = { window: {}, navigator: { gpu: true } };
  const before = Object.keys(stands).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  for (const [name, value] of Object.entries(stands)) Object.defineProperty(globalThis, name, { value, configurable: true });
  try {
    return make();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) delete (globalThis as Record<string, unknown>)[name];
      else Object.defineProperty(globalThis, name, descriptor);
    }
  }
}
