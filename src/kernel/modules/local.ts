import { readFileSync, statSync } from "node:fs";
import { extname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseSync } from "oxc-parser";
import { packageRoot } from "../../core/index.js";
import { findTsconfig, matchPaths } from "./tsconfig.js";

const endings = [".ts", ".mts", ".js", ".mjs", ".json", "/index.ts", "/index.mts", "/index.js", "/index.mjs"];
const written: Readonly<Record<string, readonly string[]>> = { ".js": [".ts"], ".mjs": [".mts"] };

/**
 * Resolves what Node does not: local TypeScript with or without ending, `./a.js` that is `./a.ts` on disk, tsconfig `paths`.
 * The address carries the time of the newest edit of the file and of what it imports, so an edited file is loaded anew.
 * @returns undefined where Node's own rules apply
 */
export function resolveLocal(specifier: string, parentUrl: string | undefined): string | undefined {
  if (parentUrl === undefined || !parentUrl.startsWith("file:")) return undefined;
  const parent = fileURLToPath(parentUrl);
  if (!isUsersOwn(parent)) return undefined;
  const file = candidates(specifier, parentUrl, parent)
    .map(existing)
    .find((path) => path !== undefined);
  if (file === undefined || !isUsersOwn(file)) return undefined;
  const url = pathToFileURL(file);
  url.searchParams.set("edited", String(Math.round(newestEdit(file, new Set()))));
  return url.href;
}

/** Not installed from a registry and not this package's own build, of which there must be one copy only. */
const isUsersOwn = (path: string): boolean =>
  !path.includes(`${sep}node_modules${sep}`) && !path.startsWith(join(packageRoot, "dist") + sep);

function candidates(specifier: string, parentUrl: string, parent: string): string[] {
  if (/^\.{0,2}\//.test(specifier) || specifier.startsWith("file:")) return [fileURLToPath(new URL(specifier, parentUrl))];
  return matchPaths(findTsconfig(join(parent, "..")), specifier);
}

function existing(path: string): string | undefined {
  const swapped = (written[extname(path)] ?? []).map((ending) => path.slice(0, -extname(path).length) + ending);
  return [path, ...swapped, ...endings.map((ending) => path + ending)].find((candidate) =>
    statSync(candidate, { throwIfNoEntry: false })?.isFile(),
  );
}

function newestEdit(file: string, seen: Set<string>): number {
  seen.add(file);
  const own = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const parent = pathToFileURL(file).href;
  const imported = importsOf(file, own).flatMap(
    (specifier) =>
      candidates(specifier, parent, file)
        .map(existing)
        .find((path) => path !== undefined) ?? [],
  );
  const next = imported.filter((path) => isUsersOwn(path) && !seen.has(path));
  return Math.max(own, ...next.map((path) => newestEdit(path, seen)));
}

const known = new Map<string, { readonly edited: number; readonly imports: readonly string[] }>();

function importsOf(file: string, edited: number): readonly string[] {
  if (!/\.[mc]?[jt]sx?$/.test(file)) return [];
  const cached = known.get(file);
  if (cached?.edited === edited) return cached.imports;
  const { module } = parseSync(file, readFileSync(file, "utf8"));
  const reexports = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
  );
  const imports = [...new Set([...module.staticImports.map(({ moduleRequest }) => moduleRequest.value), ...reexports])];
  known.set(file, { edited, imports });
  return imports;
}
