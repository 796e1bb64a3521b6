import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BadFile, FolioError } from "../../core/index.js";

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

export interface WheelRequest {
  /** Its name in the index: `onnxruntime-gpu`. */
  readonly project: string;
  readonly version: string;
  readonly index?: string;
  readonly fetch?: typeof fetch;
  readonly say?: (line: string) => void;
}

/**
 * Downloads the wheel of exactly that version for Linux x64 to a file; which Python it is for makes no difference to the
 * libraries inside.
 *
 * @returns the wheel's own file name
 * @throws WheelNotFound when the index has no such wheel, or does not answer
 * @throws BadFile when the SHA-256 is not the one that the index names; the file is then not to be used
 */
export async function fetchWheel(wanted: WheelRequest, to: string): Promise<string> {
  const { project, version, index = "https://pypi.org/simple", fetch: get = fetch, say = () => {} } = wanted;
  const request = async (url: string, accept: string): Promise<Response> => {
    const response = await get(url, { headers: { accept } }).catch((error: Error) => error);
    if (response instanceof Error) throw new WheelNotFound(project, version, index, `does not answer: ${response.message}`);
    if (!response.ok) throw new WheelNotFound(project, version, index, `answers ${response.status}`);
    return response;
  };
  const listing = await request(`${index}/${project}/`, "application/vnd.pypi.simple.v1+json");
  const { files } = (await listing.json()) as { files: ListedFile[] };
  const wheel = chooseWheel(files, project, version);
  if (wheel === undefined) throw new WheelNotFound(project, version, index, "lists no wheel for Linux x64");
  say(`Fetching ${wheel.filename}${wheel.size === undefined ? "" : ` (${Math.round(wheel.size / 1e6)} MB)`} …`);
  const { body } = await request(wheel.url, "*/*");
  const hash = createHash("sha256");
  const hashed = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(Readable.fromWeb(body as import("node:stream/web").ReadableStream), hashed, createWriteStream(to));
  const sha256 = hash.digest("hex");
  if (sha256 !== wheel.hashes.sha256)
    throw new BadFile("wrong-hash", wheel.filename, `has SHA-256 ${sha256}, and the index says ${wheel.hashes.sha256}`, "Nothing was installed; try again.");
  return wheel.filename;
}

function chooseWheel(files: readonly ListedFile[], project: string, version: string): ListedFile | undefined {
  const start = `${project.replaceAll("-", "_")}-${version}-`;
  return files.find(
    ({ filename, yanked, hashes }) =>
      filename.startsWith(start) && /manylinux.*x86_64\.whl$/.test(filename) && !yanked && hashes.sha256 !== undefined,
  );
}
