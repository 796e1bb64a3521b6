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
    const downloads = join(folder, "downloads");
    await installCudaProvider({ version: "1.30.0", folder: to, downloads, fetch: recording });
    assert.deepEqual(asked, ["https://pypi.org/simple/onnxruntime-gpu/", `https://files/1.30.0-${linux}`]);
    assert.deepEqual((await readdir(to)).sort(), ["folio-cuda-provider.json", "libonnxruntime_providers_cuda.so", "libonnxruntime_providers_shared.so"]);
    assert.deepEqual(JSON.parse(await readFile(join(to, "folio-cuda-provider.json"), "utf8")), { version: "1.30.0", wheel: `onnxruntime_gpu-1.30.0-cp312-cp312-${linux}.whl`, sha256 });
    assert.deepEqual(await readdir(downloads), []);
    assert.equal(await readFile(join(to, "libonnxruntime_providers_cuda.so"), "utf8"), "cuda");
  });

  it("installs nothing from a wheel with another hash, without the provider, or of another version", async () => {
    const to = join(folder, "refused");
    const install = (fetching: typeof fetch) => installCudaProvider({ version: "1.30.0", folder: to, downloads: join(folder, "downloads"), fetch: fetching });
    await assert.rejects(install(index([listed("1.30.0", linux, "0".repeat(64))])), /onnxruntime_gpu-1\.30\.0.*has SHA-256 .* the index says 0000/);
    const empty = zipSync({ "onnxruntime/capi/other.so": text("") });
    const hash = createHash("sha256").update(empty).digest("hex");
    await assert.rejects(install(index([listed("1.30.0", linux, hash)], empty)), /holds no onnxruntime\/capi\/libonnxruntime_providers_shared\.so/);
    await assert.rejects(install(index([listed("1.29.0", linux)])), { code: "wheel-not-found" });
    await assert.rejects(install((async () => Response.json({}, { status: 503 })) as typeof fetch), /answers 503/);
    await assert.rejects(readdir(to), { code: "ENOENT" });
  });
});

/** The smallest ELF library that asks for others: a header, a table of three sections, the dynamic section and its strings. */
function needing(...names: string[]): Buffer {
  const strings = Buffer.from(`\0${names.map((name) => `${name}\0`).join("")}`);
  const file = Buffer.alloc(64 + 3 * 64 + 16 * (names.length + 1) + strings.length);
  const section = (at: number, type: number, offset: number, size: number, link: number): void => {
    file.writeUInt32LE(type, 64 + 64 * at + 4);
    file.writeBigUInt64LE(BigInt(offset), 64 + 64 * at + 24);
    file.writeBigUInt64LE(BigInt(size), 64 + 64 * at + 32);
    file.writeUInt32LE(link, 64 + 64 * at + 40);
  };
  const dynamic = 64 + 3 * 64;
  const text = dynamic + 16 * (names.length + 1);
  file.write("\x7fELF", "latin1");
  file.set([2, 1], 4); // 64 bits, little-endian
  file.writeBigUInt64LE(64n, 40);
  file.writeUInt16LE(64, 58);
  file.writeUInt16LE(3, 60);
  section(1, 6, dynamic, text - dynamic, 2);
  section(2, 3, text, strings.length, 0);
  for (const [i, name] of names.entries()) {
    file.writeBigUInt64LE(1n, dynamic + 16 * i);
    file.writeBigUInt64LE(BigInt(strings.indexOf(`\0${name}\0`) + 1), dynamic + 16 * i + 8);
  }
  strings.copy(file, text);
  return file;
}

describe("neededLibraries", () => {
  it("reads the names out of a library written by hand", async () => {
    const path = join(folder, "by-hand.so");
    await writeFile(path, needing("libcublas.so.13", "libcudnn.so.9"));
    assert.deepEqual(await neededLibraries(path), ["libcublas.so.13", "libcudnn.so.9"]);
  });

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
    driverCuda: async () => 13.1,
    folder,
    version: "1.30.0",
    finds: async () => true,
    wheelFolders: async () => [],
    ...what,
  });
  const why = async (what: Partial<Machine>): Promise<string> => {
    const found = await ortCudaBackend(machine(what)).probe();
    return found.available ? found.device : `${found.why} → ${found.remedy}`;
  };

  it("refuses a provider of another version, and a driver that is too old for it", async (context) => {
    if (process.platform !== "linux") return context.skip("no ELF here");
    const own = join(folder, "versions");
    await mkdir(own);
    for (const name of ["cuda", "shared"]) await writeFile(join(own, `libonnxruntime_providers_${name}.so`), needing("libcublas.so.13", "libc.so.6"));
    await writeFile(join(own, "folio-cuda-provider.json"), '{ "version": "1.29.0" }');
    assert.match(await why({ folder: own }), /^the CUDA provider is of ONNX Runtime 1\.29\.0, and onnxruntime-node is 1\.30\.0 → Run "folio engine install cuda" again/);
    await writeFile(join(own, "folio-cuda-provider.json"), '{ "version": "1.30.0" }');
    assert.match(await why({ folder: own, driverCuda: async () => 12.4 }), /^the provider needs CUDA 13, and the driver knows CUDA up to 12\.4 → Update NVIDIA's driver/);
    assert.match(await why({ folder: own, driverCuda: async () => undefined }), /^NVIDIA H100, CUDA/);
    const without = { finds: async (name: string) => !/cublas|cudnn/.test(name) };
    assert.match(await why({ folder: own, ...without }), /does not find libcublas\.so\.13, libcudnn\.so\.9 → Install .*"pip install onnxruntime-gpu\[cuda,cudnn\]==1\.30\.0"/);
  });

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
