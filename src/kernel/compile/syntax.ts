import { parseSync } from "oxc-parser";
import { FolioError } from "../../core/index.js";
import { positionOf } from "./position.js";

/** A node of the ESTree with TypeScript that oxc-parser gives; offsets count UTF-16 units. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface ParsedCell {
  readonly source: string;
  readonly body: readonly Node[];
  readonly importMetas: readonly { readonly start: number; readonly end: number }[];
}

/** The cell is not TypeScript; `line` and `column` count from 1. */
export class CellSyntaxError extends FolioError {
  readonly code = "cell-syntax";
  constructor(
    readonly problem: string,
    readonly line: number,
    readonly column: number,
    readonly sourceLine: string,
    /** True when more input could still make it whole: the problem is at the very end. */
    readonly atEnd: boolean,
  ) {
    super(`line ${line}, column ${column}: ${problem}`);
    this.name = "SyntaxError";
  }
}

/** @throws CellSyntaxError at the first place where the text is not TypeScript */
export function parseCell(source: string): ParsedCell {
  const { program, module, errors } = parseSync("cell.ts", source, { lang: "ts", sourceType: "module" });
  const error = errors.find(({ severity }) => severity === "Error");
  if (error !== undefined)
    throw syntaxError(source, error.message, error.labels[0]?.start ?? source.length, error.labels[0]?.end ?? source.length);
  return { source, body: program.body as unknown as Node[], importMetas: module.importMetas };
}

export function syntaxError(source: string, problem: string, start: number, end = start): CellSyntaxError {
  const { line, column } = positionOf(source, start);
  return new CellSyntaxError(problem, line, column, source.split("\n")[line - 1] ?? "", end >= source.trimEnd().length);
}

/** The child nodes of a node, in field order. */
export function* children(node: Node): Generator<Node> {
  for (const value of Object.values(node)) {
    if (isNode(value)) yield value;
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) yield item;
  }
}

export function isNode(value: unknown): value is Node {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Node).type === "string" &&
    typeof (value as Node).start === "number"
  );
}

export const nodeAt = (node: Node, field: string): Node | null => (isNode(node[field]) ? node[field] : null);

export const nodesAt = (node: Node, field: string): Node[] => (Array.isArray(node[field]) ? node[field].filter(isNode) : []);

export const nameOf = (node: Node | null): string => (typeof node?.name === "string" ? node.name : "");

const functions = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

export const isFunction = (node: Node): boolean => functions.has(node.type);

/** Types, interfaces, `declare …` and overload signatures: gone at run time. */
export function isTypeOnly(node: Node): boolean {
  if (node.declare === true) return true;
  return ["TSTypeAliasDeclaration", "TSInterfaceDeclaration", "TSDeclareFunction", "TSGlobalDeclaration"].includes(
    node.type,
  );
}
