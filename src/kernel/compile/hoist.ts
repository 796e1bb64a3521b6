import type { MagicString } from "magic-string";
import { boundIdentifiers, boundNames } from "./patterns.js";
import { children, isFunction, isTypeOnly, nameOf, nodeAt, nodesAt, type Node } from "./syntax.js";

/** What a cell gives to the notebook's scope. */
export interface Declared {
  readonly names: Set<string>;
  /** Those that must not be assigned again after their declaration. */
  readonly constants: Set<string>;
}

/**
 * Turns the top-level declarations of a cell into assignments to the notebook's scope, so that later cells see them and
 * may declare them again: `const a = 1` becomes `(a = 1); $folio.fix("a")`, a function moves to the top of the cell, as it
 * does in JavaScript. Names a `var` declares inside a block belong to the notebook too.
 */
export function hoistDeclarations(statements: readonly Node[], edits: MagicString): Declared {
  const declared: Declared = { names: new Set(), constants: new Set() };
  for (const statement of statements) hoistStatement(statement, edits, declared);
  return declared;
}

function hoistStatement(statement: Node, edits: MagicString, declared: Declared): void {
  if (isTypeOnly(statement)) {
    edits.remove(statement.start, statement.end);
    return;
  }
  switch (statement.type) {
    case "VariableDeclaration":
      if (statement.kind === "using" || statement.kind === "await using") return;
      hoistVariables(statement, edits, declared);
      return;
    case "FunctionDeclaration":
      hoistFunction(statement, edits, declared);
      return;
    case "ClassDeclaration":
      hoistClass(statement, edits, declared);
      return;
    case "TSEnumDeclaration":
    case "TSModuleDeclaration": {
      const name = nameOf(nodeAt(statement, "id"));
      declared.names.add(name);
      edits.appendLeft(statement.end, `;typeof ${name} === "undefined" || $folio.put("${name}", ${name});`);
      return;
    }
    default:
      hoistNestedVars(statement, edits, declared);
  }
}

function hoistVariables(statement: Node, edits: MagicString, declared: Declared): void {
  const declarators = nodesAt(statement, "declarations");
  const names = declarators.flatMap((declarator) => boundNames(nodeAt(declarator, "id")));
  for (const name of names) declared.names.add(name);
  rewriteDeclarators(statement, declarators, edits);
  const semicolon = edits.original[statement.end - 1] === ";" ? statement.end - 1 : statement.end;
  edits.prependRight(statement.start, ";(").appendLeft(semicolon, ")");
  const after = statement.kind === "const" ? `;$folio.fix(${names.map((name) => JSON.stringify(name)).join(", ")});` : ";";
  edits.appendLeft(statement.end, after);
  if (statement.kind === "const") for (const name of names) declared.constants.add(name);
}

/** `const a: T = 1, b` → `a = 1, b = undefined`; what is left of a lone `var b` changes nothing. */
function rewriteDeclarators(statement: Node, declarators: readonly Node[], edits: MagicString): void {
  edits.remove(statement.start, declarators[0].start);
  for (const declarator of declarators) {
    const id = nodeAt(declarator, "id");
    if (id === null) continue;
    const annotation = nodeAt(id, "typeAnnotation");
    const bare = annotation?.start ?? id.end;
    const init = nodeAt(declarator, "init");
    if (init !== null) edits.update(bare, init.start, " = ");
    else if (statement.kind === "var") {
      if (declarator.end > bare) edits.remove(bare, declarator.end);
      edits.prependRight(declarator.start, "typeof ");
    } else if (declarator.end > bare) edits.update(bare, declarator.end, " = undefined");
    else edits.appendLeft(declarator.end, " = undefined");
  }
}

function hoistFunction(statement: Node, edits: MagicString, declared: Declared): void {
  const id = nodeAt(statement, "id");
  if (id === null) return;
  declared.names.add(nameOf(id));
  edits.remove(id.start, id.end);
  edits.prependRight(statement.start, `;${nameOf(id)} = `).appendLeft(statement.end, ";");
  if (statement.start > 0) edits.move(statement.start, statement.end, 0);
}

function hoistClass(statement: Node, edits: MagicString, declared: Declared): void {
  const name = nameOf(nodeAt(statement, "id"));
  declared.names.add(name);
  if (statement.abstract === true) {
    const decorators = nodesAt(statement, "decorators");
    const from = decorators.at(-1)?.end ?? statement.start;
    const at = edits.original.indexOf("abstract", from);
    edits.remove(at, at + "abstract".length);
    for (const member of nodesAt(nodeAt(statement, "body") ?? statement, "body"))
      if (member.type.startsWith("TSAbstract")) edits.remove(member.start, member.end);
  }
  edits.prependRight(statement.start, `;${name} = `).appendLeft(statement.end, ";");
}

function hoistNestedVars(node: Node, edits: MagicString, declared: Declared): void {
  if (isFunction(node) || isTypeOnly(node) || node.type === "StaticBlock" || node.type === "TSModuleDeclaration") return;
  for (const child of children(node)) {
    if (child.type === "VariableDeclaration" && child.kind === "var") hoistNestedVar(node, child, edits, declared);
    hoistNestedVars(child, edits, declared);
  }
}

function hoistNestedVar(parent: Node, declaration: Node, edits: MagicString, declared: Declared): void {
  const declarators = nodesAt(declaration, "declarations");
  for (const declarator of declarators)
    for (const id of boundIdentifiers(nodeAt(declarator, "id"))) declared.names.add(nameOf(id));
  if (/^For(In|Of)Statement$/.test(parent.type) && parent.left === declaration) {
    const pattern = nodeAt(declarators[0], "id");
    edits.remove(declaration.start, declarators[0].start);
    const annotation = pattern && nodeAt(pattern, "typeAnnotation");
    if (annotation) edits.remove(annotation.start, annotation.end);
    return;
  }
  rewriteDeclarators(declaration, declarators, edits);
  if (parent.type === "ForStatement" && parent.init === declaration) return;
  const semicolon = edits.original[declaration.end - 1] === ";" ? declaration.end - 1 : declaration.end;
  edits.prependRight(declaration.start, "{(").appendLeft(semicolon, ")").appendLeft(declaration.end, "}");
}
