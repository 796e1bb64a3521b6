import { parseSync } from "oxc-parser";
import { sha256 } from "../../core/index.js";

/** Which of another module's exports an import takes: some by name, or all. */
export type Names = ReadonlySet<string> | "all";

export interface Import {
  readonly specifier: string;
  readonly names: Names;
  /** Loaded only when the code that names it runs: `import("./x.js")`, a worker's file. */
  readonly lazy?: boolean;
}

/** One line `export { a as b } from "./x.js"`; `all` is `export * from`. */
export interface ReExport {
  readonly specifier: string;
  readonly exported: string | "all";
  readonly imported: string | "all";
}

/** What a module depends on, as written in it. */
export interface ModuleFacts {
  /** SHA-256 of the source without its comments: prose is not code. */
  readonly hash: string;
  /** Static and dynamic imports, and files named by `new URL("./x", import.meta.url)`. */
  readonly imports: readonly Import[];
  readonly reExports: readonly ReExport[];
  /** Nothing but re-exports: a room's `index.ts`. */
  readonly barrel: boolean;
  /** Does something when it is loaded, so that it counts even where none of its exports is used. */
  readonly acts: boolean;
}

/**
 * Reads a module's imports and exports.
 * @param file its name decides between JavaScript and TypeScript
 * @throws SyntaxError when it cannot be parsed
 */
export function moduleFacts(file: string, source: string): ModuleFacts {
  const { module, comments, errors, program } = parseSync(file, source);
  if (errors.some(({ severity }) => severity === "Error")) throw new SyntaxError(`${file}: ${errors[0].message}`);
  const imports: Import[] = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    names: entries.some(({ importName }) => importName.kind === "NamespaceObject")
      ? "all"
      : new Set(entries.filter(({ isType }) => !isType).map(({ importName }) => importName.name ?? "default")),
  }));
  const dynamic = module.dynamicImports.flatMap(({ start, moduleRequest }) =>
    literal(source.slice(moduleRequest.start, moduleRequest.end)).map((specifier): Import => ({ specifier, names: destructured(source.slice(0, start)), lazy: true })),
  );
  const named = [...source.matchAll(/new URL\(\s*(["'][^"'\n]+["'])\s*,\s*import\.meta\.url/g)].flatMap(([, text]) => literal(text)).map((specifier): Import => ({ specifier, names: "all", lazy: true }));
  const exported = module.staticExports.flatMap(({ entries }) => entries);
  const reExports = exported.flatMap(({ moduleRequest, importName, exportName, isType }): ReExport[] => {
    if (moduleRequest === null || isType) return [];
    const all = importName.kind === "All" || importName.kind === "AllButDefault";
    return [{ specifier: moduleRequest.value, exported: exportName.name ?? "all", imported: all ? "all" : (importName.name ?? "default") }];
  });
  const statements = program.body.map(({ type }) => type as string);
  return {
    hash: sha256(without(source, comments)),
    imports: [...imports, ...dynamic, ...named],
    reExports,
    barrel: reExports.length > 0 && program.body.every((statement) => statement.type === "ExportAllDeclaration" || (statement.type === "ExportNamedDeclaration" && statement.source !== null)),
    acts: statements.some((type) => !/Import|Export|FunctionDeclaration|ClassDeclaration|VariableDeclaration|^TS|EmptyStatement/.test(type)),
  };
}

/** The text of a string literal; nothing where the expression is worked out at run time. */
function literal(text: string): string[] {
  const found = /^(["'])([^"'\n]+)\1$/.exec(text.trim());
  return found ? [found[2]] : [];
}

/** `const { a, b: c } = await import(…)` takes a and b; any other form takes all. */
function destructured(before: string): Names {
  const found = /\{([\w\s$,:]*)\}\s*=\s*await\s*$/.exec(before);
  return found ? new Set(found[1].split(",").map((part) => part.split(":")[0].trim()).filter(Boolean)) : "all";
}

/** A comment that has its lines to itself takes them along, so that one comment more or less leaves the same text. */
function without(source: string, comments: readonly { readonly start: number; readonly end: number }[]): string {
  const spans = comments.map(({ start, end }) => {
    const lineStart = source.lastIndexOf("\n", start - 1) + 1;
    const lineEnd = source.indexOf("\n", end);
    const alone = source.slice(lineStart, start).trim() === "" && source.slice(end, lineEnd < 0 ? undefined : lineEnd).trim() === "";
    return alone ? { start: lineStart, end: lineEnd < 0 ? source.length : lineEnd + 1 } : { start, end };
  });
  const kept = spans.reduce<{ text: string; at: number }>(({ text, at }, { start, end }) => ({ text: text + source.slice(at, Math.max(at, start)), at: Math.max(at, end) }), { text: "", at: 0 });
  return kept.text + source.slice(kept.at);
}
