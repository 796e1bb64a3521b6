import { SourceMap } from "node:module";
import { transformSync, type HelperMode } from "oxc-transform";
import { syntaxError, type Node } from "./syntax.js";
import { children } from "./syntax.js";

export interface Stripped {
  readonly code: string;
  /** From `code` back to the text that went in. */
  readonly map: SourceMap;
}

/** `standard` is what TypeScript and the language proposal do; `legacy` what `experimentalDecorators` in tsconfig.json asks for. */
export type Decorators = "none" | "standard" | "legacy";

/** Types out, `enum`, `namespace` and `using` into what every supported Node runs; lines are printed anew, the map leads back. */
export async function stripTypes(source: string, decorators: Decorators): Promise<Stripped> {
  if (decorators === "standard") return lowerDecorators(source);
  const { code, map, errors } = transformSync("cell.ts", source, {
    lang: "ts",
    sourceType: "module",
    sourcemap: true,
    target: "es2023",
    typescript: { onlyRemoveTypeImports: true },
    decorator: { legacy: decorators === "legacy" },
    helpers: { mode: "External" as HelperMode },
  });
  const error = errors.find(({ severity }) => severity === "Error");
  if (error !== undefined || map === undefined)
    throw syntaxError(source, error?.message ?? "cannot be compiled", error?.labels[0]?.start ?? 0);
  return { code, map: sourceMap(map) };
}

/** No JavaScript engine runs standard decorators yet and oxc does not lower them; TypeScript does, at half a second once. */
async function lowerDecorators(source: string): Promise<Stripped> {
  const { default: ts } = await import("typescript");
  const { outputText, sourceMapText = "{}" } = ts.transpileModule(source, {
    fileName: "cell.ts",
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      sourceMap: true,
      verbatimModuleSyntax: true,
    },
  });
  return {
    code: outputText.replace(/^export \{\};$/m, "").replace(/^\/\/# sourceMappingURL=.*$/m, ""),
    map: sourceMap(JSON.parse(sourceMapText) as object),
  };
}

/** Node's source map from a version 3 payload, whose optional fields Node's types ask for. */
export const sourceMap = (payload: object): SourceMap => new SourceMap(payload as SourceMap["payload"]);

export function hasDecorators(nodes: readonly Node[]): boolean {
  return nodes.some(
    (node) => (Array.isArray(node.decorators) && node.decorators.length > 0) || hasDecorators([...children(node)]),
  );
}
