import type { MagicString } from "magic-string";
import { boundNames } from "./patterns.js";
import { children, isFunction, nameOf, nodeAt, nodesAt, type Node } from "./syntax.js";

/**
 * Makes counting at the top of a cell as fast as in a function. A variable of the notebook's scope costs a store to memory at
 * every assignment; a loop that calls nothing cannot be watched by anyone while it runs, so it may work on local copies of the
 * variables it assigns and hand them back at its end, also when it throws.
 */
export function localizeLoops(statements: readonly Node[], edits: MagicString): void {
  let copies = 0;
  const visit = (node: Node, local: ReadonlySet<string>): void => {
    if (isFunction(node) || node.type.startsWith("Class") || node.type.startsWith("TS")) return;
    if (isLoop(node) && !callsOut(node)) {
      const names = assignedNames(node).filter((name) => !local.has(name));
      if (names.length > 0) localize(node, names, () => `$copy${copies++}`, edits);
      return;
    }
    const inner = new Set([...local, ...blockNames(node)]);
    for (const child of children(node)) visit(child, inner);
  };
  for (const statement of statements) visit(statement, new Set());
}

function localize(loop: Node, names: readonly string[], fresh: () => string, edits: MagicString): void {
  const copies = names.map((name) => ({ name, copy: fresh() }));
  const list = (text: (pair: { name: string; copy: string }) => string, between: string): string =>
    copies.map(text).join(between);
  const take = `{ let ${list(({ name, copy }) => `${copy} = ${name}`, ", ")}; try { let ${list(({ name, copy }) => `${name} = ${copy}`, ", ")}; try { `;
  const give = ` } finally { ${list(({ name, copy }) => `${copy} = ${name};`, " ")} } } finally { ${list(({ name, copy }) => `${name} = ${copy};`, " ")} } }`;
  edits.prependRight(loop.start, take).appendLeft(loop.end, give);
}

const isLoop = ({ type }: Node): boolean =>
  ["ForStatement", "ForInStatement", "ForOfStatement", "WhileStatement", "DoWhileStatement"].includes(type);

const outside =
  /^(NewExpression|TaggedTemplateExpression|AwaitExpression|YieldExpression|ImportExpression|Class.*|.*Function.*|TSEnum.*|TSModule.*)$/;

/** Whether code that could look at the notebook's variables may run during the loop. Methods of `Math` cannot. */
function callsOut(node: Node): boolean {
  if (outside.test(node.type) || node.await === true) return true;
  if (node.type === "VariableDeclaration" && String(node.kind).endsWith("using")) return true;
  if (node.type === "BreakStatement" || node.type === "ContinueStatement") return nodeAt(node, "label") !== null;
  if (node.type === "CallExpression" && nameOf(nodeAt(nodeAt(node, "callee") ?? node, "object")) !== "Math") return true;
  for (const child of children(node)) if (callsOut(child)) return true;
  return false;
}

/** Names assigned in the loop and not declared in it by `let` or `const`; a name that is both is left alone. */
function assignedNames(loop: Node): string[] {
  const assigned = new Set<string>();
  const declared = new Set<string>();
  const visit = (node: Node): void => {
    if (node.type === "AssignmentExpression") for (const name of targetNames(nodeAt(node, "left"))) assigned.add(name);
    if (node.type === "UpdateExpression") assigned.add(nameOf(nodeAt(node, "argument")));
    if (/^For(In|Of)Statement$/.test(node.type)) for (const name of targetNames(nodeAt(node, "left"))) assigned.add(name);
    if (node.type === "VariableDeclaration") {
      const names = nodesAt(node, "declarations").flatMap((declarator) => boundNames(nodeAt(declarator, "id")));
      for (const name of names) (node.kind === "var" ? assigned : declared).add(name);
    }
    if (node.type === "CatchClause") for (const name of boundNames(nodeAt(node, "param"))) declared.add(name);
    for (const child of children(node)) visit(child);
  };
  visit(loop);
  return [...assigned].filter((name) => name !== "" && !declared.has(name));
}

const targetNames = (target: Node | null): string[] => (target?.type === "VariableDeclaration" ? [] : boundNames(target));

/** Names that a block, loop head or catch clause declares for what is inside it. */
function blockNames(node: Node): string[] {
  const heads = [nodeAt(node, "init"), nodeAt(node, "left")].filter((head) => head !== null);
  const declarations = [...nodesAt(node, "body"), ...nodesAt(node, "consequent"), ...heads].filter(
    ({ type, kind }) => type === "VariableDeclaration" && kind !== "var",
  );
  const named = nodesAt(node, "body").filter(({ type }) => type === "FunctionDeclaration" || type === "ClassDeclaration");
  return [
    ...declarations.flatMap((declaration) =>
      nodesAt(declaration, "declarations").flatMap((declarator) => boundNames(nodeAt(declarator, "id"))),
    ),
    ...named.map((declaration) => nameOf(nodeAt(declaration, "id"))),
    ...boundNames(nodeAt(node, "param")),
  ];
}
