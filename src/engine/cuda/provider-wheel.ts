import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { BadFile, FolioError } from "../../core/index.js";

/** A file in a package index, as PEP 691 lists it. */
interface ListedFile {
  readonly filename: string;
  readonly url: string;
  readonly hashes: Readonly<Record<string, string>>;
  readonly size?: number;
  readonly yanked?: boolean | string;
}

/** The libraries that ONNX Runtime loads for CUDA, beside its own. */
export const providerFiles = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"] as const;

export class ProviderNotFound extends FolioError {
  readonly code = "provider-not-found";
  constructor(
    readonly version: string,
    readonly index: string,
    why: string,
  ) {
    super(`${index}: ${why} (onnxruntime-gpu ${version}). Use --index to name an index that has it, or the engine "ort-webgpu".`);
  }
}

export interface InstallOptions {
  /** The version of onnxruntime-node: another one's provider would not fit. */
  readonly version: string;
  /** Where its own library lies. */
  readonly folder: string;
  readonly index?: string;
  readonly fetch?: typeof fetch;
  readonly say?: (line: string) => void;
}

/**
 * Takes ONNX Runtime's CUDA provider from the `onnxruntime-gpu` wheel of the same version and puts it beside
 * onnxruntime-node's library. Nothing is written unless the wheel has the SHA-256 that the index names.
 *
 * @throws ProviderNotFound when the index has no such wheel, or does not answer
 * @throws BadFile when the wheel's hash is another, or it lacks the provider
 */
export async function installCudaProvider({
  version,
  folder,
  index = "https://pypi.org/simple",
  fetch: get = fetch,
  say = () => {},
}: InstallOptions): Promise<readonly string[]> {
  const request = async (url: string, accept: string): Promise<Response> => {
    const response = await get(url, { headers: { accept } }).catch((error: Error) => error);
    if (response instanceof Error) throw new ProviderNotFound(version, index, `does not answer: ${response.message}`);
    if (!response.ok) throw new ProviderNotFound(version, index, `answers ${response.status}`);
    return response;
  };
  const listing = await request(`${index}/onnxruntime-gpu/`, "application/vnd.pypi.simple.v1+json");
  const { files } = (await listing.json()) as { files: ListedFile[] };
  const wheel = chooseWheel(files, version);
  if (wheel === undefined) throw new ProviderNotFound(version, index, "lists no wheel for Linux x64");
  say(`Fetching ${wheel.filename}${wheel.size === undefined ? "" : ` (${Math.round(wheel.size / 1e6)} MB)`} …`);
  const content = new Uint8Array(await (await request(wheel.url, "*/*")).arrayBuffer());
  const sha256 = createHash("sha256").update(content).digest("hex");
  if (sha256 !== wheel.hashes.sha256)
    throw new BadFile("wrong-hash", wheel.filename, `has SHA-256 ${sha256}, and the index says ${wheel.hashes.sha256}`, "Nothing was installed; try again.");
  const inside = (name: string): string => `onnxruntime/capi/${name}`;
  const unpacked = unzipSync(content, { filter: ({ name }) => providerFiles.some((file) => name === inside(file)) });
  const missing = providerFiles.find((file) => unpacked[inside(file)] === undefined);
  if (missing !== undefined) throw new BadFile("missing-file", wheel.filename, `holds no ${inside(missing)}`, "Nothing was installed.");
  await mkdir(folder, { recursive: true });
  for (const file of providerFiles) {
    const path = join(folder, file);
    await writeFile(`${path}.part`, unpacked[inside(file)]);
    await rename(`${path}.part`, path);
  }
  return providerFiles.map((file) => join(folder, file));
}

/** The wheel of exactly that version for Linux x64; which Python it is for makes no difference to the libraries inside. */
function chooseWheel(files: readonly ListedFile[], version: string): ListedFile | undefined {
  const start = `onnxruntime_gpu-${version}-`;
  return files.find(
    ({ filename, yanked, hashes }) =>
      filename.startsWith(start) && /manylinux.*x86_64\.whl$/.test(filename) && !yanked && hashes.sha256 !== undefined,
  );
}
