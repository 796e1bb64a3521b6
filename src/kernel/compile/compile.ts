import type { SourceMap } from "node:module";
import { MagicString } from "magic-string";
import { hoistDeclarations, type Declared } from "./hoist.js";
import { rewriteImports } from "./imports.js";
import { localizeLoops } from "./loops.js";
import { renameReferences } from "./rename.js";
import { nodeAt, parseCell, type Node, type ParsedCell } from "./syntax.js";
import { hasDecorators, sourceMap, stripTypes } from "./strip.js";
import type { Position } from "./position.js";

export interface CompileOptions {
  /** `experimentalDecorators` of the tsconfig.json that governs the notebook. */
  readonly legacyDecorators?: boolean;
  /** Names a notebook's variable must not take on the global object; see `reservedNames`. */
  readonly reserved?: ReadonlySet<string>;
  /** Reserved names that earlier cells declared; this cell's are added. */
  readonly renamed?: Set<string>;
}

/** A cell ready to run: JavaScript for a script whose value is an async function `($folio, require, …) => Promise<void>`. */
export interface CompiledCell {
  readonly source: string;
  readonly code: string;
  /** What the cell declares for the whole notebook, in order. */
  readonly declares: readonly string[];
  /** A place in `code` → the place in the cell it came from; undefined for text the compiler added. */
  readonly original: (at: Position) => Position | undefined;
}

/** The parameters of the function that a compiled cell is. */
export const cellParameters = ["$folio", "require", "__filename", "__dirname", "babelHelpers"] as const;

/**
 * Compiles one cell of TypeScript: top-level declarations become the notebook's, imports become dynamic, the value of the last
 * expression is handed to `$folio.result`, types are stripped. Nothing is type-checked.
 * @throws CellSyntaxError
 * @example (await compileCell("const a: number = 1; a")).declares // ["a"]
 */
export async function compileCell(
  source: string,
  { legacyDecorators = false, reserved = new Set(), renamed = new Set() }: CompileOptions = {},
): Promise<CompiledCell> {
  const { parsed, original: unrenamed } = withoutReserved(source, reserved, renamed);
  const edits = new MagicString(parsed.source);
  const declared = rewrite(parsed, edits);
  const decorated = hasDecorators(parsed.body);
  const stripped = await stripTypes(edits.toString(), !decorated ? "none" : legacyDecorators ? "legacy" : "standard");
  const edited = mapOf(edits);
  const declares = [...declared.names];
  const head = `(async (${cellParameters.join(", ")}) => { "use strict"; $folio.declare(${JSON.stringify(declares)});\n`;
  return {
    source,
    code: `${head}${stripped.code}\n})\n//# sourceMappingURL=folio:cell`,
    declares,
    original: (at) => unrenamed(lookUp(edited, lookUp(stripped.map, { line: at.line - 1, column: at.column }))),
  };
}

type Lookup = (at: Position | undefined) => Position | undefined;

/** The cell with reserved names replaced where they mean variables of the notebook. */
function withoutReserved(
  source: string,
  reserved: ReadonlySet<string>,
  renamed: Set<string>,
): { parsed: ParsedCell; original: Lookup } {
  const parsed = parseCell(source);
  if (reserved.size > 0)
    for (const name of rewrite(parsed, new MagicString(source)).names) if (reserved.has(name)) renamed.add(name);
  const present = new Set([...renamed].filter((name) => source.includes(name)));
  if (present.size === 0) return { parsed, original: (at) => at };
  const edits = renameReferences(parsed, present);
  const map = mapOf(edits);
  return { parsed: parseCell(edits.toString()), original: (at) => lookUp(map, at) };
}

const mapOf = (edits: MagicString): SourceMap => sourceMap(edits.generateMap({ hires: true, source: "cell" }));

function rewrite({ body, importMetas }: ParsedCell, edits: MagicString): Declared {
  const statements = withoutExports(body, edits);
  const last = statements.at(-1);
  if (last !== undefined) handOverValue(last, edits);
  localizeLoops(statements, edits);
  const declared = hoistDeclarations(statements, edits);
  rewriteImports(statements, edits, declared);
  for (const { start, end } of importMetas) edits.update(start, end, "$folio.meta");
  return declared;
}

/** `export const a = 1` is `const a = 1` here: a cell has no importer. */
function withoutExports(body: readonly Node[], edits: MagicString): Node[] {
  return body.flatMap((statement) => {
    if (!/^Export|^TSExportAssignment|^TSNamespaceExport/.test(statement.type)) return [statement];
    const inner = nodeAt(statement, "declaration");
    if (inner === null || !edits.original.slice(statement.start, inner.start).trim().startsWith("export")) {
      edits.remove(statement.start, statement.end);
      return [];
    }
    edits.remove(statement.start, inner.start);
    const isDeclaration =
      (inner.type.endsWith("Declaration") && nodeAt(inner, "id") !== null) || inner.type === "VariableDeclaration";
    return [isDeclaration ? inner : { type: "ExpressionStatement", expression: inner, start: inner.start, end: inner.end }];
  });
}

/** The value of a final expression is the cell's result; an assignment has done its work and shows nothing. */
function handOverValue(statement: Node, edits: MagicString): void {
  const expression = nodeAt(statement, "expression");
  if (statement.type !== "ExpressionStatement" || expression === null) return;
  if (expression.type === "AssignmentExpression" || expression.type === "UpdateExpression") return;
  edits.prependRight(statement.start, "$folio.result((").appendLeft(expression.end, "))");
}

/** Text the compiler put before a statement belongs to what follows it on its line. */
function lookUp(map: SourceMap, at: Position | undefined): Position | undefined {
  if (at === undefined || at.line < 1) return undefined;
  const find = (ahead: number): ReturnType<SourceMap["findEntry"]> => map.findEntry(at.line - 1, at.column - 1 + ahead);
  const onItsLine = (entry: ReturnType<SourceMap["findEntry"]>): boolean =>
    "generatedLine" in entry && entry.generatedLine === at.line - 1;
  let entry = find(0);
  for (let ahead = 1; ahead <= longestPrefix && !onItsLine(entry); ahead++) entry = find(ahead);
  if (!onItsLine(entry)) entry = find(0);
  return "originalLine" in entry ? { line: entry.originalLine + 1, column: entry.originalColumn + 1 } : undefined;
}

const longestPrefix = 64;
