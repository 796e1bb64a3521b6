import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BadFile, FolioError } from "../../core/index.js";
import { asDiskFull } from "./disk-full.js";

/** A file in a package index, as PEP 691 lists it. */
interface ListedFile {
  readonly filename: string;
  readonly url: string;
  readonly hashes: Readonly<Record<string, string>>;
  readonly size?: number;
  readonly yanked?: boolean | string;
}

export class WheelNotFound extends FolioError {
  readonly code = "wheel-not-found";
  constructor(
    readonly project: string,
    readonly version: string,
    readonly index: string,
    why: string,
  ) {
    super(`${index}: ${why} (${project} ${version}). Use --index to name an index that has it, or another engine.`);
  }
}

/** What arrived is kept, and the next download goes on from there. */
export class DownloadBroke extends FolioError {
  readonly code = "download-broke";
  constructor(
    readonly file: string,
    readonly bytes: number,
    why: string,
  ) {
    super(`${file}: the download broke off after ${megabytes(bytes)} (${why}). The same command goes on from there.`);
  }
}

export interface WheelRequest {
  /** Its name in the index: `onnxruntime-gpu`. */
  readonly project: string;
  readonly version: string;
  readonly index?: string;
  readonly fetch?: typeof fetch;
  readonly say?: (line: string) => void;
  /** Where downloads lie until they are installed; a folder of Folio's cache. */
  readonly downloads?: string;
}

export interface Wheel {
  /** The wheel's own file name. */
  readonly name: string;
  /** Where it lies; whoever has installed it removes it. */
  readonly archive: string;
  readonly sha256: string;
}

/**
 * Downloads the wheel of exactly that version for Linux x64; which Python it is for makes no difference to the libraries
 * inside. A download that broke off is taken up where it ended, if the index names the file's size.
 *
 * @throws WheelNotFound when the index has no such wheel, or does not answer
 * @throws DownloadBroke when the connection ends early; what arrived is kept
 * @throws DiskFull when there is no space for it
 * @throws BadFile when the SHA-256 is not the one that the index names; the file is then removed
 */
export async function fetchWheel(wanted: WheelRequest): Promise<Wheel> {
  const { project, version, index = "https://pypi.org/simple", fetch: get = fetch, say = () => {}, downloads = downloadsFolder() } = wanted;
  const request = async (url: string, headers: Record<string, string>): Promise<Response> => {
    const response = await get(url, { headers }).catch((error: Error) => error);
    if (response instanceof Error) throw new WheelNotFound(project, version, index, `does not answer: ${response.message}`);
    if (!response.ok) throw new WheelNotFound(project, version, index, `answers ${response.status}`);
    return response;
  };
  const listing = await request(`${index}/${project}/`, { accept: "application/vnd.pypi.simple.v1+json" });
  const { files } = (await listing.json()) as { files: ListedFile[] };
  const wheel = chooseWheel(files, project, version);
  if (wheel === undefined) throw new WheelNotFound(project, version, index, "lists no wheel for Linux x64");
  const { filename, hashes, size } = wheel;
  const expected = hashes.sha256;
  await mkdir(downloads, { recursive: true });
  const archive = join(downloads, `${expected}.part`);
  const hash = createHash("sha256");
  let there = await hashOfPart(archive, hash);
  // An index that names no size does not tell whether a part is the whole.
  if (there > (size ?? 0)) return startOver(wanted, archive);
  if (there === 0 || there !== size) {
    const { body, status } = await request(wheel.url, there === 0 ? { accept: "*/*" } : { accept: "*/*", range: `bytes=${there}-` });
    if (there > 0 && status !== 206) return startOver(wanted, archive); // it does not know ranges
    say(`${there > 0 ? `Going on after ${megabytes(there)} with` : "Fetching"} ${filename}${size === undefined ? "" : ` (${megabytes(size)})`} …`);
    const hashed = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        there += chunk.length;
        yield chunk;
      }
    };
    const arriving = Readable.fromWeb(body as import("node:stream/web").ReadableStream);
    await pipeline(arriving, hashed, createWriteStream(archive, { flags: "a" })).catch((error: NodeJS.ErrnoException) => {
      throw asDiskFull(error, archive, size) ?? new DownloadBroke(filename, there, error.message);
    });
    if (size !== undefined && there < size) throw new DownloadBroke(filename, there, "the connection ended");
  }
  const sha256 = hash.digest("hex");
  if (sha256 !== expected) {
    await rm(archive);
    throw new BadFile("wrong-hash", filename, `has SHA-256 ${sha256}, and the index says ${expected}`, "Nothing was installed; try again.");
  }
  return { name: filename, archive, sha256 };
}

async function startOver(wanted: WheelRequest, archive: string): Promise<Wheel> {
  await rm(archive);
  return fetchWheel(wanted);
}

/** Adds what has arrived already to the hash. @returns its length in bytes */
async function hashOfPart(archive: string, hash: Hash): Promise<number> {
  const found = await stat(archive).catch(() => undefined);
  if (found === undefined || !found.isFile()) return 0;
  for await (const chunk of createReadStream(archive)) hash.update(chunk as Uint8Array);
  return found.size;
}

function chooseWheel(files: readonly ListedFile[], project: string, version: string): ListedFile | undefined {
  const start = `${project.replaceAll("-", "_")}-${version}-`;
  return files.find(
    ({ filename, yanked, hashes }) =>
      filename.startsWith(start) && /manylinux.*x86_64\.whl$/.test(filename) && !yanked && hashes.sha256 !== undefined,
  );
}

function downloadsFolder({ XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv = process.env): string {
  return join(XDG_CACHE_HOME || join(HOME || homedir(), ".cache"), "folio", "downloads");
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
