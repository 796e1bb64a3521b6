import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type ts from "typescript";
import { packageRoot } from "../../core/index.js";

/** How cells are checked: the user's tsconfig.json where there is one, made to fit notebooks; strict otherwise. */
export function compilerOptions(typescript: typeof ts, folder: string): ts.CompilerOptions {
  return {
    ...ownOptions(typescript, folder),
    target: typescript.ScriptTarget.ES2023,
    module: typescript.ModuleKind.ESNext,
    moduleResolution: typescript.ModuleResolutionKind.Bundler,
    moduleDetection: typescript.ModuleDetectionKind.Force,
    lib: libraries(Number(process.versions.node.split(".")[0])),
    types: ["node"],
    typeRoots: typeRoots(folder),
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    esModuleInterop: true,
    skipLibCheck: true,
    noEmit: true,
    noUnusedLocals: false,
    noUnusedParameters: false,
    verbatimModuleSyntax: false,
    isolatedModules: false,
    erasableSyntaxOnly: false,
    composite: false,
    incremental: false,
    rootDir: undefined,
    outDir: undefined,
    tsBuildInfoFile: undefined,
  };
}

/** The notebook's own packages first; Node's types come with this package, wherever npm has put them. */
function typeRoots(folder: string): string[] {
  const node = createRequire(import.meta.url).resolve("@types/node/package.json");
  return [join(folder, "node_modules", "@types"), dirname(dirname(node))];
}

/** What a cell finds in this Node; the page's DOM is not there. */
function libraries(node: number): string[] {
  const language = node >= 24 ? ["es2025"] : node >= 22 ? ["es2024", "es2025.collection", "es2025.iterator"] : ["es2023"];
  const added = ["esnext.disposable", "decorators", ...(node >= 22 ? ["esnext.array"] : [])];
  return [...language, ...added].map((name) => `lib.${name}.d.ts`);
}

function ownOptions(typescript: typeof ts, folder: string): ts.CompilerOptions {
  const file = typescript.findConfigFile(folder, typescript.sys.fileExists);
  // Without a tsconfig.json nobody has asked for annotations everywhere; what is left of "strict" finds mistakes.
  if (file === undefined) return { strict: true, noImplicitAny: false, paths: packagePaths(folder) };
  const { config } = typescript.readConfigFile(file, typescript.sys.readFile) as { config?: object };
  // Its options with those it extends; which files it is about does not matter here.
  const host = { ...typescript.sys, readDirectory: () => [] };
  const { options } = typescript.parseJsonConfigFileContent(config ?? {}, host, dirname(file));
  const base = options.baseUrl ?? (options.pathsBasePath as string | undefined) ?? dirname(file);
  const paths = Object.entries(options.paths ?? {}).map(
    ([pattern, targets]) => [pattern, targets.map((target) => join(base, target))] as const,
  );
  return { strict: true, ...options, baseUrl: undefined, paths: { ...packagePaths(folder), ...Object.fromEntries(paths) } };
}

/** `folio/metrics` and `tslab` mean this package wherever the notebook is; so does TensorFlow.js where the notebook has none of its own. */
function packagePaths(folder: string): Record<string, string[]> {
  const { exports } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
    exports: Record<string, string>;
  };
  const entries = Object.entries(exports).filter(([, file]) => file.endsWith(".js"));
  return Object.fromEntries([
    ...entries.map(([name, file]) => [`folio${name.slice(1)}`, [join(packageRoot, file.replace(/\.js$/, ".d.ts"))]]),
    ...tensorflow(folder),
    ["tslab", [join(packageRoot, "dist", "kernel", "tslab", "index.d.ts")]],
  ]) as Record<string, string[]>;
}

function tensorflow(folder: string): [string, string[]][] {
  const name = "@tensorflow/tfjs";
  try {
    createRequire(join(folder, "notebook")).resolve(`${name}/package.json`);
    return [];
  } catch {
    const home = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    return [[name, [join(home, "dist", "index.d.ts")]]];
  }
}
