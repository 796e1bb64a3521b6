import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BadFile } from "../../core/index.js";
import { fetchWheel, type WheelRequest } from "../wheel/fetch-wheel.js";
import { unpackWheel } from "../wheel/unpack-wheel.js";

/** The libraries that ONNX Runtime loads for CUDA, beside its own. */
export const providerFiles = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"] as const;

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
 * @throws BadFile when the wheel's hash is another, or it lacks the provider
 */
export async function installCudaProvider({ folder, ...request }: InstallOptions): Promise<readonly string[]> {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}.`);
  try {
    const archive = join(temporary, "wheel");
    const name = await fetchWheel({ ...request, project: "onnxruntime-gpu" }, archive);
    const inside = (file: string): string => `onnxruntime/capi/${file}`;
    const unpacked = await unpackWheel(archive, (path) => {
      const file = providerFiles.find((each) => path === inside(each));
      return file === undefined ? undefined : join(temporary, file);
    });
    const missing = providerFiles.find((file) => !unpacked.includes(inside(file)));
    if (missing !== undefined) throw new BadFile("missing-file", name, `holds no ${inside(missing)}`, "Nothing was installed.");
    await mkdir(folder, { recursive: true });
    for (const file of providerFiles) await rename(join(temporary, file), join(folder, file));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return providerFiles.map((file) => join(folder, file));
}
