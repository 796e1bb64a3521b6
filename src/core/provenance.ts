import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "./files.js";
import { sha256, sha256File } from "./hash.js";

/** What ran: hashes of Folio's own built code and of its lockfile. */
export interface CodeIdentity {
  /** SHA-256 over the names and contents of every built module (tests left out). */
  readonly code: string;
  /** SHA-256 of package-lock.json, or `"none"` where Folio is installed as a package. */
  readonly lockfile: string;
}

/**
 * Identifies the code by content, not by commit: a checkout with local edits is another code,
 * a commit that touches only prose is the same one.
 * @param root the package's folder, with `dist/` and `package-lock.json`
 */
export async function codeIdentity(root: string = packageRoot): Promise<CodeIdentity> {
  const dist = join(root, "dist");
  const names = (await readdir(dist, { recursive: true })).map((name) => name.replaceAll("\\", "/"));
  const modules = names.filter((name) => name.endsWith(".js") && !name.endsWith(".test.js")).sort();
  const hashes = await Promise.all(modules.map(async (name) => `${name} ${await sha256File(join(dist, name))}`));
  const lockfile = await sha256File(join(root, "package-lock.json")).catch(() => "none");
  return { code: sha256(hashes.join("\n")), lockfile };
}
