import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { codeIdentity, packageRoot, sha256File, sha256Folder } from "../core/index.js";
import type { ResultRecord } from "../results/index.js";

/** One input of one record, compared with what lies there now. */
export interface Finding {
  readonly record: string;
  /** `input scores (path)`, `code`, `lockfile`. */
  readonly what: string;
  /**
   * `same`; `changed`: another content lies there; `gone`: nothing lies there; `unknown`: the record does not say where
   * it lay; `other`: Folio's own code or packages are not those that measured it, which alone makes no number wrong.
   */
  readonly state: "same" | "changed" | "gone" | "unknown" | "other";
}

/** Compares the hashes that records keep of their inputs with what is there now. */
export async function verifyRecords(records: readonly ResultRecord[], root: string = packageRoot): Promise<Finding[]> {
  const now = await codeIdentity();
  const hashes = new Map<string, Promise<string | undefined>>();
  const hashOf = (path: string): Promise<string | undefined> => {
    if (!hashes.has(path)) hashes.set(path, contentHash(path));
    return hashes.get(path)!;
  };
  const findings = records.map(async ({ id, provenance: { inputs, paths = {}, code, lockfile } }): Promise<Finding[]> => {
    const ofInputs = Object.entries(inputs).map(async ([name, hash]): Promise<Finding> => {
      const path = paths[name];
      if (path === undefined) return { record: id, what: `input ${name}`, state: "unknown" };
      const found = await hashOf(resolve(root, path));
      return { record: id, what: `input ${name} (${path})`, state: found === undefined ? "gone" : found === hash ? "same" : "changed" };
    });
    const own: Finding[] = [
      { record: id, what: "code", state: code === now.code ? "same" : "other" },
      { record: id, what: "lockfile", state: lockfile === now.lockfile ? "same" : "other" },
    ];
    return [...(await Promise.all(ofInputs)), ...own];
  });
  return (await Promise.all(findings)).flat();
}

async function contentHash(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? sha256Folder(path) : sha256File(path);
}
