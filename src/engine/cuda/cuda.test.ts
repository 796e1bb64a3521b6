import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { zipSync } from "fflate";
import { librariesFolder, ortCudaBackend, type Machine } from "./backend.js";
import { neededLibraries } from "./needed-libraries.js";
import { installCudaProvider } from "./provider-wheel.js";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-cuda-"));
});
after(() => rm(folder, { recursive: true }));

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const wheel = zipSync({
  "onnxruntime/capi/libonnxruntime_providers_cuda.so": text("cuda"),
  "onnxruntime/capi/libonnxruntime_providers_shared.so": text("shared"),
  "onnxruntime/capi/libonnxruntime.so.1.30.0": text("not wanted"),
});
const sha256 = createHash("sha256").update(wheel).digest("hex");
const listed = (version: string, platform: string, hash = sha256) => ({
  filename: `onnxruntime_gpu-${version}-cp312-cp312-${platform}.whl`,
  url: `https://files/${version}-${platform}`,
  hashes: { sha256: hash },
});

function index(files: object[], content: Uint8Array = wheel): typeof fetch {
  return (async (url: string) =>
    url.endsWith("/onnxruntime-gpu/") ? Response.json({ files }) : new Response(content as Uint8Array<ArrayBuffer>)) as unknown as typeof fetch;
}

describe("installCudaProvider", () => {
  const linux = "manylinux_2_28_x86_64";

  it("puts the two libraries of the same version for Linux x64 beside ONNX Runtime", async () => {
    const to = join(folder, "installed");
    const asked: string[] = [];
    const fetching = index([listed("1.31.0", linux), listed("1.30.0", "win_amd64"), listed("1.30.0", linux)]);
    const recording = ((url: string) => {
      asked.push(url);
      return fetching(url);
    }) as typeof fetch;
    await installCudaProvider({ version: "1.30.0", folder: to, fetch: recording });
    assert.deepEqual(asked, ["https://pypi.org/simple/onnxruntime-gpu/", `https://files/1.30.0-${linux}`]);
    assert.deepEqual((await readdir(to)).sort(), ["libonnxruntime_providers_cuda.so", "libonnxruntime_providers_shared.so"]);
    assert.equal(await readFile(join(to, "libonnxruntime_providers_cuda.so"), "utf8"), "cuda");
  });

  it("installs nothing from a wheel with another hash, without the provider, or of another version", async () => {
    const to = join(folder, "refused");
    const install = (fetching: typeof fetch) => installCudaProvider({ version: "1.30.0", folder: to, fetch: fetching });
    await assert.rejects(install(index([listed("1.30.0", linux, "0".repeat(64))])), /onnxruntime_gpu-1\.30\.0.*has SHA-256 .* the index says 0000/);
    const empty = zipSync({ "onnxruntime/capi/other.so": text("") });
    const hash = createHash("sha256").update(empty).digest("hex");
    await assert.rejects(install(index([listed("1.30.0", linux, hash)], empty)), /holds no onnxruntime\/capi\/libonnxruntime_providers_shared\.so/);
    await assert.rejects(install(index([listed("1.29.0", linux)])), { code: "wheel-not-found" });
    await assert.rejects(install((async () => Response.json({}, { status: 503 })) as typeof fetch), /answers 503/);
    await assert.rejects(readdir(to), { code: "ENOENT" });
  });
});

describe("neededLibraries", () => {
  it("reads what ONNX Runtime's own library asks for, and refuses other files", async (context) => {
    const other = join(folder, "text");
    await writeFile(other, "no library at all, but longer than the header of one would be: 64 bytes");
    await assert.rejects(neededLibraries(other), /is no 64-bit ELF library/);
    if (process.platform !== "linux") return context.skip("no ELF here");
    const needed = await neededLibraries(join(librariesFolder(), "libonnxruntime.so.1"));
    assert.ok(needed.includes("libc.so.6"), needed.join());
  });
});

describe("ort-cuda", () => {
  const machine = (what: Partial<Machine>): Machine => ({
    platform: "linux x64",
    gpus: async () => "NVIDIA H100",
    folder,
    finds: async () => true,
    wheelFolders: async () => [],
    ...what,
  });
  const why = async (what: Partial<Machine>): Promise<string> => {
    const found = await ortCudaBackend(machine(what)).probe();
    return found.available ? found.device : `${found.why} → ${found.remedy}`;
  };

  it("says what is missing and how to get it", async (context) => {
    assert.match(await why({ platform: "darwin arm64" }), /for Linux x64, and this is darwin arm64/);
    assert.match(await why({ gpus: async () => "" }), /no NVIDIA GPU .* driver/);
    assert.match(await why({}), /libonnxruntime_providers_shared\.so is not in .*folio engine install cuda/);
    if (process.platform !== "linux") return context.skip("no ELF here");
    const library = await readFile(join(librariesFolder(), "libonnxruntime.so.1"));
    for (const name of ["cuda", "shared"]) await writeFile(join(folder, `libonnxruntime_providers_${name}.so`), library);
    assert.match(await why({}), /NVIDIA H100, CUDA/);
    const noCudnn = { finds: async (name: string) => name !== "libcudnn.so.9" };
    assert.match(await why(noCudnn), /does not find libcudnn\.so\.9 → Install the CUDA and cuDNN/);
    const wheel = join(folder, "nvidia", "cudnn", "lib");
    await mkdir(wheel, { recursive: true });
    await writeFile(join(wheel, "libcudnn.so.9"), "");
    assert.match(await why({ ...noCudnn, wheelFolders: async () => [folder, wheel] }), new RegExp(`export LD_LIBRARY_PATH=${wheel}\\$`));
  });
});
