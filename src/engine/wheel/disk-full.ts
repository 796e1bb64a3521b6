import { dirname } from "node:path";
import { FolioError } from "../../core/index.js";

/** Nothing was installed; what was downloaded so far is kept. */
export class DiskFull extends FolioError {
  readonly code = "disk-full";
  constructor(
    readonly folder: string,
    readonly neededBytes: number | undefined,
  ) {
    const amount = neededBytes === undefined ? "" : ` (about ${Math.ceil(neededBytes / 1e6)} MB are needed)`;
    super(`${folder}: no space is left${amount}. Make room, or name another cache folder in XDG_CACHE_HOME, and run the same command again.`);
  }
}

/** A full disk or quota as an error that says what to do; undefined for any other error. */
export function asDiskFull(error: NodeJS.ErrnoException, path: string, neededBytes?: number): DiskFull | undefined {
  return error.code === "ENOSPC" || error.code === "EDQUOT" ? new DiskFull(dirname(path), neededBytes) : undefined;
}
