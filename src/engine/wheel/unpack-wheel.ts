import { closeSync, createReadStream, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { Unzip, UnzipInflate } from "fflate";
import { asDiskFull } from "./disk-full.js";

/**
 * Writes some files of a zip archive, in as much memory as one piece needs.
 *
 * @param place where a file of that name goes; undefined leaves it out
 * @returns the names of what was written
 * @throws DiskFull when there is no space for it
 */
export async function unpackWheel(archive: string, place: (name: string) => string | undefined): Promise<string[]> {
  const written: string[] = [];
  let failure: Error | undefined;
  const unzip = new Unzip((file) => {
    const path = place(file.name);
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    const target = openSync(path, "w");
    let closed = false;
    file.ondata = (error, data, final) => {
      failure ??= error ?? undefined;
      if (failure === undefined) {
        try {
          for (let at = 0; at < data.length; ) at += writeSync(target, data, at);
        } catch (problem) {
          failure = asDiskFull(problem as NodeJS.ErrnoException, path, file.originalSize) ?? (problem as Error);
        }
      }
      if (!final && failure === undefined) return;
      if (!closed) closeSync(target);
      closed = true;
      if (failure === undefined) written.push(file.name);
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  for await (const chunk of createReadStream(archive, { highWaterMark: 1 << 20 })) {
    unzip.push(chunk as Uint8Array);
    if (failure !== undefined) throw failure;
  }
  unzip.push(new Uint8Array(0), true);
  if (failure !== undefined) throw failure;
  return written;
}
