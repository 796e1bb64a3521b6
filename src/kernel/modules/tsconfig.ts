import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** What of a tsconfig.json decides how a notebook's imports and decorators work. */
export interface Tsconfig {
  /** `paths`, targets made absolute: `["@lib/*", ["/project/src/lib/*"]]`. */
  readonly paths: readonly (readonly [pattern: string, targets: readonly string[]])[];
  readonly legacyDecorators: boolean;
}

const none: Tsconfig = { paths: [], legacyDecorators: false };

/** The nearest tsconfig.json at or above a folder, with what it extends; a broken or absent one is as if empty. */
export function findTsconfig(folder: string): Tsconfig {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const file = join(at, "tsconfig.json");
    if (existsSync(file)) return readTsconfig(file);
    if (dirname(at) === at) return none;
  }
}

function readTsconfig(file: string, depth = 0): Tsconfig {
  let raw: { extends?: unknown; compilerOptions?: { paths?: unknown; baseUrl?: unknown; experimentalDecorators?: unknown } };
  try {
    raw = JSON.parse(withoutComments(readFileSync(file, "utf8"))) as typeof raw;
  } catch {
    return none;
  }
  const bases = [raw.extends].flat().filter((base): base is string => typeof base === "string" && /^[./]/.test(base));
  const inherited =
    depth < 8
      ? bases.map((base) => readTsconfig(resolve(dirname(file), base.endsWith(".json") ? base : `${base}.json`), depth + 1))
      : [];
  const base = inherited.at(-1) ?? none;
  const { paths, baseUrl, experimentalDecorators } = raw.compilerOptions ?? {};
  const root = resolve(dirname(file), typeof baseUrl === "string" ? baseUrl : ".");
  return {
    paths:
      typeof paths === "object" && paths !== null
        ? Object.entries(paths).map(
            ([pattern, targets]) =>
              [pattern, [targets as string | string[]].flat().map((target) => resolve(root, target))] as const,
          )
        : base.paths,
    legacyDecorators: typeof experimentalDecorators === "boolean" ? experimentalDecorators : base.legacyDecorators,
  };
}

/** The files a specifier may mean by `paths`, best first: an exact pattern, then the one with the longest text before its star. */
export function matchPaths({ paths }: Tsconfig, specifier: string): string[] {
  const exact = paths.find(([pattern]) => pattern === specifier);
  if (exact !== undefined) return [...exact[1]];
  const starred = paths
    .map(([pattern, targets]) => ({ before: pattern.split("*")[0], after: pattern.split("*")[1], targets }))
    .filter(
      ({ before, after }) =>
        after !== undefined &&
        specifier.length >= before.length + after.length &&
        specifier.startsWith(before) &&
        specifier.endsWith(after),
    )
    .sort((a, b) => b.before.length - a.before.length)[0];
  if (starred === undefined) return [];
  const part = specifier.slice(starred.before.length, specifier.length - starred.after.length);
  return starred.targets.map((target) => target.replace("*", () => part));
}

/** JSON with comments and trailing commas → JSON. */
function withoutComments(text: string): string {
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\//g, (part) => (part.startsWith('"') ? part : " "));
  return bare.replaceAll(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g, (part) => (part === "," ? "" : part));
}
