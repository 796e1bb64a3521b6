import { boundNames } from "./patterns.js";
import { children, isFunction, nameOf, nodeAt, nodesAt, type Node } from "./syntax.js";

/** A place that means a variable of the notebook: its declaration at the top of the cell, or a use of it anywhere. */
export interface Reference {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** `{ name }` in an object or a pattern, which stands for `{ name: name }`. */
  readonly shorthand: boolean;
}

/** Finds the places where one of `names` means the notebook's variable, not a parameter or an inner variable of that name. */
export function findReferences(body: readonly Node[], names: ReadonlySet<string>): Reference[] {
  const found: Reference[] = [];
  const visit = (node: Node, inner: ReadonlySet<string>, shorthand = false): void => {
    if (isType(node)) return;
    if (node.type === "Identifier") {
      const name = nameOf(node);
      const annotation = nodeAt(node, "typeAnnotation");
      if (names.has(name) && !inner.has(name))
        found.push({ name, start: node.start, end: annotation ? node.start + name.length : node.end, shorthand });
      return;
    }
    const own = scopeNames(node, names);
    const scope = own.length > 0 ? new Set([...inner, ...own]) : inner;
    for (const { child, short } of referringChildren(node)) visit(child, scope, short);
  };
  for (const statement of body) visit(statement, new Set());
  return found;
}

const isType = ({ type }: Node): boolean =>
  type.startsWith("TS") &&
  !/^TS(As|Satisfies|NonNull|TypeAssertion|Instantiation|Enum|Module|Parameter|ImportEquals|ExportAssignment|AbstractPropert)/.test(
    type,
  );

/** The children of a node that can refer to variables: not property names, labels and names inside other modules. */
function* referringChildren(node: Node): Generator<{ child: Node; short: boolean }> {
  const names = new Set([nodeAt(node, "label"), nodeAt(node, "meta"), nodeAt(node, "imported"), nodeAt(node, "exported")]);
  if (node.computed !== true) {
    if (node.type === "MemberExpression" || node.type === "MetaProperty") names.add(nodeAt(node, "property"));
    if (/^(Property|.*MethodDefinition|.*PropertyDefinition|AccessorProperty)$/.test(node.type))
      names.add(nodeAt(node, "key"));
  }
  if (node.type === "TSEnumMember" || (isFunctionExpression(node) && node.id !== null)) names.add(nodeAt(node, "id"));
  const short = node.type === "Property" && node.shorthand === true;
  for (const child of children(node)) {
    if (names.has(child)) continue;
    if (short && child.type === "AssignmentPattern") {
      const left = nodeAt(child, "left");
      const right = nodeAt(child, "right");
      if (left !== null) yield { child: left, short: true };
      if (right !== null) yield { child: right, short: false };
    } else yield { child, short };
  }
}

const isFunctionExpression = ({ type }: Node): boolean => type === "FunctionExpression" || type === "ClassExpression";

/** Of `names`, those that a node declares for what is inside it. */
function scopeNames(node: Node, names: ReadonlySet<string>): string[] {
  const declared: string[] = [];
  if (isFunction(node)) {
    declared.push(...nodesAt(node, "params").flatMap(boundNames), ...varNames(nodeAt(node, "body")));
    if (node.type === "FunctionExpression") declared.push(nameOf(nodeAt(node, "id")));
  }
  if (node.type === "ClassExpression") declared.push(nameOf(nodeAt(node, "id")));
  if (node.type === "CatchClause") declared.push(...boundNames(nodeAt(node, "param")));
  if (/Block|^SwitchCase$/.test(node.type))
    declared.push(...nodesAt(node, node.type === "SwitchCase" ? "consequent" : "body").flatMap(lexicalNames));
  for (const head of [nodeAt(node, "init"), nodeAt(node, "left")])
    if (head?.type === "VariableDeclaration" && head.kind !== "var") declared.push(...lexicalNames(head));
  return declared.filter((name) => names.has(name));
}

function lexicalNames(statement: Node): string[] {
  if (statement.type === "VariableDeclaration" && statement.kind !== "var")
    return nodesAt(statement, "declarations").flatMap((one) => boundNames(nodeAt(one, "id")));
  if (/^(Function|Class|TSEnum|TSModule)Declaration$/.test(statement.type)) return [nameOf(nodeAt(statement, "id"))];
  const exported = statement.type === "ExportNamedDeclaration" ? nodeAt(statement, "declaration") : null;
  return exported === null ? [] : lexicalNames(exported);
}

function varNames(node: Node | null): string[] {
  if (node === null) return [];
  const own =
    node.type === "VariableDeclaration" && node.kind === "var"
      ? nodesAt(node, "declarations").flatMap((one) => boundNames(nodeAt(one, "id")))
      : [];
  return [...own, ...[...children(node)].filter((child) => !isFunction(child)).flatMap(varNames)];
}
