import { readFileSync } from "node:fs";
import { dirname, extname, relative } from "node:path";
import { sha256 } from "../../core/index.js";
import { moduleFacts, type Import, type ModuleFacts, type Names } from "./module.js";
import { moduleResolver, type Resolve } from "./resolve.js";

/** The code a piece of work really uses: a hash for every file, by its path below the project (`src/nn/adam.ts`). */
export type CodeHashes = Readonly<Record<string, string>>;

export interface CodeReader {
  /** The files behind these imports, written in a module at `from` (a file's path). */
  of(imports: readonly Import[], from: string): CodeHashes;
}

/**
 * Follows imports as they are really used. From a room's `index.ts` only what is asked for by name is followed – so a
 * change of one method does not touch another – unless a module does something merely by being loaded; then it counts.
 * A module that only declares things (also `const x = f()`) is taken to do nothing by being loaded, as bundlers take it.
 * Packages are not followed: the lockfile stands for them. Files are read once a reader, so make a new one to see changes.
 *
 * @param root the project's folder; hashes are named by paths relative to it, built files by their sources
 */
export function codeReader(root: string, resolveModule: Resolve = moduleResolver(root)): CodeReader {
  const resolve = remembered(resolveModule);
  const closures = new Map<string, CodeHashes>();
  const known = new Map<string, ModuleFacts>();
  const facts = (file: string): ModuleFacts => {
    const found = known.get(file) ?? readFacts(file);
    known.set(file, found);
    return found;
  };
  const acting = new Map<string, boolean>();
  const actsWhenLoaded = (file: string): boolean => {
    const before = acting.get(file);
    if (before !== undefined) return before;
    acting.set(file, false); // A circle is decided by the rest of it.
    const { acts, imports, reExports } = facts(file);
    const found = acts || [...imports.filter(({ lazy }) => lazy !== true), ...reExports].some(({ specifier }) => {
      const target = resolve(specifier, file);
      return target !== undefined && actsWhenLoaded(target);
    });
    acting.set(file, found);
    return found;
  };

  const closureOf = (imports: readonly Import[], from: string): CodeHashes => {
    const hashes = new Map<string, string>();
    const taken = new Map<string, Set<string>>();
    const followAll = (list: readonly Import[], file: string): void => {
      for (const { specifier, names } of list) {
        const target = resolve(specifier, file);
        if (target !== undefined) follow(target, names);
      }
    };
    const follow = (file: string, names: Names): void => {
      const module = facts(file);
      if (!module.barrel) {
        if (hashes.has(file)) return;
        hashes.set(file, module.hash);
        return followAll([...module.imports, ...module.reExports.map(({ specifier }): Import => ({ specifier, names: "all" }))], file);
      }
      const before = taken.get(file) ?? new Set<string>();
      const wanted = names === "all" ? module.reExports.map(({ exported, specifier }) => (exported === "all" ? `* ${specifier}` : exported)) : [...names];
      const fresh = wanted.filter((name) => !before.has(name));
      if (fresh.length === 0 && before.size > 0) return;
      taken.set(file, new Set([...before, ...fresh]));
      for (const entry of module.reExports) {
        const target = resolve(entry.specifier, file);
        if (target === undefined) continue;
        const used = entry.exported === "all" ? names === "all" || starNames(module, fresh).length > 0 : fresh.includes(entry.exported);
        if (used) follow(target, entry.imported === "all" ? (entry.exported === "all" && names !== "all" ? new Set(starNames(module, fresh)) : "all") : new Set([entry.imported]));
        else if (actsWhenLoaded(target)) follow(target, "all");
      }
    };
    followAll(imports, from);
    for (const [file, names] of taken) hashes.set(file, barrelHash(facts(file), names));
    return Object.fromEntries([...hashes].map(([file, hash]): [string, string] => [sourceName(root, file), hash]).sort(([a], [b]) => (a < b ? -1 : 1)));
  };

  return {
    // The runs of a study mostly import the same.
    of(imports, from) {
      const asked = JSON.stringify([from, imports.map(({ specifier, names, lazy }) => [specifier, names === "all" ? names : [...names].sort(), lazy])]);
      const found = closures.get(asked) ?? closureOf(imports, from);
      closures.set(asked, found);
      return found;
    },
  };
}

/** Looks for a file once, as files are read once. */
function remembered(resolve: Resolve): Resolve {
  const known = new Map<string, string | undefined>();
  return (specifier, from) => {
    const asked = `${dirname(from)}\n${specifier}`;
    if (!known.has(asked)) known.set(asked, resolve(specifier, from));
    return known.get(asked);
  };
}

/** Names that a barrel does not export itself must come from its `export *`. */
const starNames = ({ reExports }: ModuleFacts, names: readonly string[]): string[] => names.filter((name) => !reExports.some(({ exported }) => exported === name));

/** Of an index file, only the lines that are used: another export more or less there changes nothing. */
function barrelHash({ reExports }: ModuleFacts, names: ReadonlySet<string>): string {
  return sha256(reExports.filter(({ exported, specifier }) => names.has(exported) || names.has(`* ${specifier}`)).map(({ exported, imported, specifier }) => `${exported} ${imported} ${specifier}`).sort().join("\n"));
}

function readFacts(file: string): ModuleFacts {
  const bytes = readFileSync(file);
  const isCode = [".js", ".mjs", ".ts", ".mts"].includes(extname(file));
  return isCode ? moduleFacts(file, bytes.toString("utf8")) : { hash: sha256(bytes), imports: [], reExports: [], barrel: false, acts: false };
}

/** A built module under the name of the source people know: `dist/nn/adam.js` is `src/nn/adam.ts`. */
export function sourceName(root: string, file: string): string {
  const path = relative(root, file).replaceAll("\\", "/");
  return path.replace(/^dist\/(.*)\.js$/, "src/$1.ts");
}
