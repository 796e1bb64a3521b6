import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { BadFile, FolioError } from "../../core/index.js";
import { fetchWheel, type WheelRequest } from "../wheel/fetch-wheel.js";
import { unpackWheel } from "../wheel/unpack-wheel.js";
import { installedFolder, packages, tensorflowVersion, type NodeEngine } from "./addon.js";

const run = promisify(execFile);

/** A program that builds the engine is not there, or failed. */
export class BuildFailed extends FolioError {
  readonly code = "build-failed";
  constructor(
    readonly program: string,
    readonly output: string,
    remedy: string,
  ) {
    super(`${program} failed: ${output}. ${remedy} Nothing was installed.`);
  }
}

export interface InstallTensorflow extends Omit<WheelRequest, "project" | "version"> {
  readonly engine: NodeEngine;
  readonly folder?: string;
  /** `linux x64`: the machine this is. */
  readonly platform?: string;
}

/** The wheel whose library each engine takes. */
const wheels: Readonly<Record<NodeEngine, string>> = { tensorflow: "tensorflow-cpu", "tensorflow-gpu": "tensorflow" };
const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

/**
 * Builds tfjs-node's addon against the TensorFlow inside PyPI's wheel: npm's package without its own download, the
 * wheel checked against the index's SHA-256, one call of the compiler. All of it goes to one folder, or nothing does.
 *
 * @returns the folder
 * @throws BuildFailed when npm or g++ is missing or fails
 * @throws WheelNotFound when the index has no such wheel, or does not answer
 * @throws DownloadBroke when the connection ends early, and DiskFull when there is no space: run it again
 * @throws BadFile when the wheel's hash is another, or it lacks the library
 */
export async function installTensorflow({
  engine,
  folder = installedFolder(engine),
  platform = `${process.platform} ${process.arch}`,
  ...request
}: InstallTensorflow): Promise<string> {
  const say = request.say ?? (() => {});
  if (platform !== "linux x64")
    throw new BuildFailed("The installation", `it is for Linux x64, and this is ${platform}`, `Try "npm install ${packages[engine]}@4.22.0 --ignore-scripts=false".`);
  await program("g++", ["--version"], "Install a C++ compiler (on Debian or Ubuntu: apt install g++).");
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}.`);
  try {
    say("Installing @tensorflow/tfjs-node and node-api-headers with npm …");
    await writeFile(join(temporary, "package.json"), '{ "private": true }\n');
    const npm = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "@tensorflow/tfjs-node@4.22.0", "node-api-headers@1.9.0"];
    await program("npm", npm, "Is the registry reachable?", temporary);
    const { name, archive } = await fetchWheel({ ...request, project: wheels[engine], version: tensorflowVersion });
    say("Unpacking …");
    const unpacked = await unpackWheel(archive, (path) => placeOf(path, temporary));
    const missing = libraries.find((library) => !unpacked.includes(`tensorflow/${library}`));
    if (missing !== undefined) throw new BadFile("missing-file", name, `holds no tensorflow/${missing}`, "Nothing was installed.");
    say("Compiling …");
    await compile(temporary);
    await rm(join(temporary, "include"), { recursive: true });
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    await rm(archive);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return folder;
}

/** The libraries, and the headers of the C interface with what they include. */
function placeOf(path: string, folder: string): string | undefined {
  const library = libraries.find((each) => path === `tensorflow/${each}`);
  if (library !== undefined) return join(folder, "lib", library);
  const header = /^tensorflow\/include\/((tensorflow\/(c|core\/platform)|(xla\/)?tsl\/(c|platform))\/.+\.h)$/.exec(path)?.[1];
  return header === undefined || header.includes("..") ? undefined : join(folder, "include", header);
}

async function compile(folder: string): Promise<void> {
  const source = join(folder, "node_modules", packages.tensorflow);
  const target = join(source, "lib", "napi-v8");
  await mkdir(target, { recursive: true });
  const fromAddon = relative(target, join(folder, "lib"));
  await program(
    "g++",
    [
      "-O2",
      "-fPIC",
      "-shared",
      "-std=c++17",
      "-DNAPI_VERSION=8",
      ...[join(folder, "node_modules", "node-api-headers", "include"), join(folder, "include")].flatMap((path) => ["-I", path]),
      ...["tfjs_backend.cc", "tfjs_binding.cc"].map((file) => join(source, "binding", file)),
      ...libraries.map((library) => join(folder, "lib", library)),
      "-o",
      join(target, "tfjs_binding.node"),
      `-Wl,-rpath,$ORIGIN/${fromAddon}`,
    ],
    "Please report this.",
  );
}

async function program(name: string, args: readonly string[], remedy: string, cwd?: string): Promise<void> {
  try {
    await run(name, [...args], { cwd, maxBuffer: 2 ** 24 });
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
    throw new BuildFailed(name, code === "ENOENT" ? "it is not there" : (stderr || message).trim().split("\n")[0], remedy);
  }
}

