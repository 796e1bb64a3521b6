import type { MagicString } from "magic-string";
import type { Declared } from "./hoist.js";
import { nameOf, nodeAt, nodesAt, type Node } from "./syntax.js";

/**
 * Turns the static imports of a cell into dynamic ones at the top of the cell, which Node resolves as it would for a module
 * in the notebook's folder. `import { a as b } from "x"` gives the notebook's scope a constant `b`.
 */
export function rewriteImports(statements: readonly Node[], edits: MagicString, declared: Declared): void {
  for (const statement of statements) {
    if (statement.type === "ImportDeclaration") rewriteImport(statement, edits, declared);
    if (statement.type === "TSImportEqualsDeclaration") rewriteImportEquals(statement, edits, declared);
  }
}

function rewriteImport(statement: Node, edits: MagicString, declared: Declared): void {
  if (statement.importKind === "type") {
    edits.remove(statement.start, statement.end);
    return;
  }
  const bindings: Record<string, string> = {};
  for (const specifier of nodesAt(statement, "specifiers")) {
    if (specifier.importKind === "type") continue;
    const local = nameOf(nodeAt(specifier, "local"));
    bindings[local] = importedName(specifier);
    declared.names.add(local);
    declared.constants.add(local);
  }
  const specifier = JSON.stringify(nodeAt(statement, "source")?.value);
  const call = `import(${specifier}${attributes(statement)})`;
  const take =
    Object.keys(bindings).length > 0
      ? `$folio.take(${specifier}, await ${call}, ${JSON.stringify(bindings)})`
      : `await ${call}`;
  edits.update(statement.start, statement.end, `;${take};`);
  if (statement.start > 0) edits.move(statement.start, statement.end, 0);
}

/** The name in the module: `*` is the whole namespace. */
function importedName(specifier: Node): string {
  if (specifier.type === "ImportNamespaceSpecifier") return "*";
  if (specifier.type === "ImportDefaultSpecifier") return "default";
  const imported = nodeAt(specifier, "imported");
  return imported?.type === "Literal" ? String(imported.value) : nameOf(imported);
}

function attributes(statement: Node): string {
  const entries = nodesAt(statement, "attributes").map((attribute) => {
    const key = nodeAt(attribute, "key");
    return [key?.type === "Literal" ? String(key.value) : nameOf(key), nodeAt(attribute, "value")?.value];
  });
  return entries.length > 0 ? `, { with: ${JSON.stringify(Object.fromEntries(entries))} }` : "";
}

/** `import fs = require("fs")` and `import Part = Whole.Part`. */
function rewriteImportEquals(statement: Node, edits: MagicString, declared: Declared): void {
  const name = nameOf(nodeAt(statement, "id"));
  const reference = nodeAt(statement, "moduleReference");
  if (reference === null || statement.importKind === "type") return void edits.remove(statement.start, statement.end);
  declared.names.add(name);
  edits.update(statement.start, reference.start, `;${name} = `);
}
