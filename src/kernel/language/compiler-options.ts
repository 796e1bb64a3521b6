import { readFileSync } from "node:fs";
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
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.esnext.disposable.d.ts", "lib.decorators.d.ts"],
    types: ["node"],
    typeRoots: [join(folder, "node_modules", "@types"), join(packageRoot, "node_modules", "@types")],
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

function ownOptions(typescript: typeof ts, folder: string): ts.CompilerOptions {
  const file = typescript.findConfigFile(folder, typescript.sys.fileExists);
  const read =
    file === undefined
      ? undefined
      : (typescript.readConfigFile(file, typescript.sys.readFile).config as { compilerOptions?: object } | undefined);
  const converted = typescript.convertCompilerOptionsFromJson(
    read?.compilerOptions ?? {},
    file === undefined ? folder : dirname(file),
  ).options;
  const base = file === undefined ? folder : dirname(file);
  const paths = Object.fromEntries(
    Object.entries(converted.paths ?? {}).map(([pattern, targets]) => [
      pattern,
      targets.map((target) => join(converted.baseUrl ?? base, target)),
    ]),
  );
  // Without a tsconfig.json nobody has asked for annotations everywhere; what is left of "strict" finds mistakes.
  return { strict: true, ...(file === undefined && { noImplicitAny: false }), ...converted, baseUrl: undefined, paths: { ...packagePaths(), ...paths } };
}

/** `folio/metrics` and `tslab` mean this package wherever the notebook is. */
function packagePaths(): Record<string, string[]> {
  const { exports } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
    exports: Record<string, string>;
  };
  const entries = Object.entries(exports).filter(([, file]) => file.endsWith(".js"));
  return Object.fromEntries([
    ...entries.map(([name, file]) => [`folio${name.slice(1)}`, [join(packageRoot, file.replace(/\.js$/, ".d.ts"))]]),
    ["tslab", [join(packageRoot, "dist", "kernel", "tslab", "index.d.ts")]],
  ]) as Record<string, string[]>;
}
