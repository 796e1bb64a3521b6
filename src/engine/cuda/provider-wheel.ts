import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BadFile } from "../../core/index.js";
import { fetchWheel, type WheelRequest } from "../wheel/fetch-wheel.js";
import { unpackWheel } from "../wheel/unpack-wheel.js";

/** The libraries that ONNX Runtime loads for CUDA, beside its own. */
export const providerFiles = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"] as const;

/** Which wheel they came from. */
const noteFile = "folio-cuda-provider.json";

/** The version of the provider in a folder, if Folio installed it. */
export async function installedVersion(folder: string): Promise<string | undefined> {
  const note = await readFile(join(folder, noteFile), "utf8").catch(() => undefined);
  return note === undefined ? undefined : (JSON.parse(note) as { version: string }).version;
}

export interface InstallOptions extends Omit<WheelRequest, "project"> {
  /** The version of onnxruntime-node: another one's provider would not fit. */
  readonly version: string;
  /** Where its own library lies. */
  readonly folder: string;
}

/**
 * Takes ONNX Runtime's CUDA provider from the `onnxruntime-gpu` wheel of the same version and puts it beside
 * onnxruntime-node's library. Nothing is installed unless the wheel has the SHA-256 that the index names.
 *
 * @throws WheelNotFound when the index has no such wheel, or does not answer
 * @throws DownloadBroke when the connection ends early, and DiskFull when there is no space: run it again
 * @throws BadFile when the wheel's hash is another, or it lacks the provider
 */
export async function installCudaProvider({ folder, ...request }: InstallOptions): Promise<readonly string[]> {
  const { name, archive, sha256 } = await fetchWheel({ ...request, project: "onnxruntime-gpu" });
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}.`);
  try {
    const inside = (file: string): string => `onnxruntime/capi/${file}`;
    const unpacked = await unpackWheel(archive, (path) => {
      const file = providerFiles.find((each) => path === inside(each));
      return file === undefined ? undefined : join(temporary, file);
    });
    const missing = providerFiles.find((file) => !unpacked.includes(inside(file)));
    if (missing !== undefined) throw new BadFile("missing-file", name, `holds no ${inside(missing)}`, "Nothing was installed.");
    await mkdir(folder, { recursive: true });
    await writeFile(join(temporary, noteFile), `${JSON.stringify({ version: request.version, wheel: name, sha256 })}\n`);
    for (const file of [...providerFiles, noteFile]) await rename(join(temporary, file), join(folder, file));
    await rm(archive);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return providerFiles.map((file) => join(folder, file));
}
