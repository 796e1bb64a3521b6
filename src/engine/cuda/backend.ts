import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Availability, Backend, Missing } from "../backend.js";
import { noNvidiaGpu } from "../missing-gpu.js";
import { halfOf, startLazy } from "../ort/backend.js";
import { neededLibraries } from "./needed-libraries.js";
import { installedVersion, providerFiles } from "./provider-wheel.js";

/** What the probe asks of the machine. */
export interface Machine {
  readonly platform: string;
  /** What `nvidia-smi` calls the GPUs; empty without any. */
  gpus(): Promise<string>;
  /** The newest CUDA that the driver knows, as 12.4; undefined when `nvidia-smi` does not say. */
  driverCuda(): Promise<number | undefined>;
  /** The folder of ONNX Runtime's own libraries. */
  readonly folder: string;
  /** The version of onnxruntime-node. */
  readonly version: string;
  /** Whether the loader would find a shared library. */
  finds(library: string): Promise<boolean>;
  /** The folders that hold libraries in NVIDIA's wheels of the Python at hand. */
  wheelFolders(): Promise<readonly string[]>;
}

/**
 * The lazy backend on ONNX Runtime's CUDA provider. Not chosen by `auto`: weights still travel to the processor and back at
 * every step, and it has not been run on a GPU yet.
 */
export function ortCudaBackend(machine: Machine = thisMachine()): Backend {
  return {
    name: "ort-cuda",
    precisions: ["float16", "bfloat16"],
    probe: () => probe(machine),
    start: (tf, { threads = availableParallelism(), precision }) => startLazy(tf, { name: "ort-cuda", provider: "cuda", threads, half: halfOf(precision) }),
  };
}

/** Loaded by the provider itself when a convolution needs it. */
const cudnn = "libcudnn.so.9";

async function probe({ platform, gpus, driverCuda, folder, version, finds, wheelFolders }: Machine): Promise<Availability> {
  const missing = (why: string, remedy: string): Missing => ({ available: false, why, remedy });
  if (platform !== "linux x64") return missing(`ONNX Runtime's CUDA provider is for Linux x64, and this is ${platform}`, 'Use "ort-webgpu" on this GPU.');
  const names = await gpus();
  if (names === "") return noNvidiaGpu;
  const file = providerFiles.find((name) => !existsSync(join(folder, name)));
  if (file !== undefined) return missing(`${file} is not in ${folder}`, 'Run "folio engine install cuda", which fetches it from PyPI.');
  const provider = await installedVersion(folder);
  if (provider !== undefined && provider !== version)
    return missing(`the CUDA provider is of ONNX Runtime ${provider}, and onnxruntime-node is ${version}`, 'Run "folio engine install cuda" again.');
  const asked = await neededLibraries(join(folder, "libonnxruntime_providers_cuda.so"));
  const absent: string[] = [];
  for (const library of [...asked.filter((name) => /^lib(cu|nv)/.test(name)), cudnn]) if (!(await finds(library))) absent.push(library);
  const [wants, driver] = [cudaOf(asked), await driverCuda()];
  if (wants !== undefined && driver !== undefined && driver < wants)
    return missing(`the provider needs CUDA ${wants}, and the driver knows CUDA up to ${driver}`, "Update NVIDIA's driver.");
  if (absent.length > 0) return missing(`the loader does not find ${absent.join(", ")}`, remedy(absent, await wheelFolders(), version));
  return { available: true, device: `${names}, CUDA (ONNX Runtime)` };
}

/** The major version of CUDA in the names of its libraries. */
function cudaOf(libraries: readonly string[]): number | undefined {
  const major = libraries.map((name) => /^lib(?:cudart|cublas)\.so\.(\d+)/.exec(name)?.[1]).find((found) => found !== undefined);
  return major === undefined ? undefined : Number(major);
}

/** The loader reads LD_LIBRARY_PATH only when a program starts, so the user has to set it. */
function remedy(absent: readonly string[], folders: readonly string[], version: string): string {
  const inWheels = absent.map((library) => folders.find((folder) => existsSync(join(folder, library))));
  if (inWheels.every((folder) => folder !== undefined)) {
    const needed = [...new Set(inWheels)].join(":");
    return `NVIDIA's wheels hold them. Run: export LD_LIBRARY_PATH=${needed}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}`;
  }
  return `Install the CUDA and cuDNN that these names ask for, or NVIDIA's wheels by "pip install onnxruntime-gpu[cuda,cudnn]==${version}"; folio doctor then names their folders.`;
}

/** Where onnxruntime-node keeps its libraries for this platform. */
export function librariesFolder(): string {
  const main = createRequire(import.meta.url).resolve("onnxruntime-node");
  return join(dirname(main), "..", "bin", "napi-v6", process.platform, process.arch);
}

function thisMachine(): Machine {
  const output = (program: string, args: readonly string[]): Promise<string> =>
    new Promise((resolve) => execFile(program, [...args], { timeout: 5000 }, (error, stdout) => resolve(error === null ? stdout : "")));
  let known: Promise<string> | undefined;
  return {
    platform: `${process.platform} ${process.arch}`,
    gpus: async () => (await output("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader"])).trim().replaceAll("\n", ", "),
    driverCuda: async () => {
      const found = /CUDA Version:\s*(\d+\.\d+)/.exec(await output("nvidia-smi", []))?.[1];
      return found === undefined ? undefined : Number(found);
    },
    folder: librariesFolder(),
    version: (createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string }).version,
    finds: async (library) => {
      const folders = (process.env.LD_LIBRARY_PATH ?? "").split(delimiter).filter((folder) => folder !== "");
      if (folders.some((folder) => existsSync(join(folder, library)))) return true;
      known ??= output("ldconfig", ["-p"]);
      return (await known).includes(`${library} `);
    },
    wheelFolders: async () => {
      const script = "import nvidia, glob; print(*(f for p in nvidia.__path__ for f in glob.glob(p + '/*/lib')), sep='\\n')";
      const folders = await output(process.env.FOLIO_PYTHON ?? "python3", ["-c", script]);
      return folders.split("\n").filter((folder) => folder !== "");
    },
  };
}
