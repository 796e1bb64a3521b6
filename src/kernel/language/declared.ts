import type ts from "typescript";

/** What a cell declares at its top level, types included; works on text that is still being typed. */
export function declaredNames(typescript: typeof ts, source: string): Set<string> {
  const names = new Set<string>();
  const file = typescript.createSourceFile("cell.ts", source, typescript.ScriptTarget.Latest, false);
  const bind = (name: ts.BindingName): void => {
    if (typescript.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (typescript.isBindingElement(element)) bind(element.name);
  };
  for (const statement of file.statements) {
    if (typescript.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) bind(name);
    else if (typescript.isImportDeclaration(statement)) imported(typescript, statement, names);
    else if (isNamed(typescript, statement) && statement.name !== undefined && typescript.isIdentifier(statement.name))
      names.add(statement.name.text);
  }
  names.delete("");
  return names;
}

function imported(typescript: typeof ts, { importClause: clause }: ts.ImportDeclaration, names: Set<string>): void {
  if (clause?.name !== undefined) names.add(clause.name.text);
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return;
  if (typescript.isNamespaceImport(bindings)) names.add(bindings.name.text);
  else for (const { name } of bindings.elements) names.add(name.text);
}

function isNamed(typescript: typeof ts, statement: ts.Statement): statement is ts.Statement & ts.NamedDeclaration {
  return [
    typescript.isFunctionDeclaration,
    typescript.isClassDeclaration,
    typescript.isEnumDeclaration,
    typescript.isModuleDeclaration,
    typescript.isInterfaceDeclaration,
    typescript.isTypeAliasDeclaration,
    typescript.isImportEqualsDeclaration,
  ].some((is) => is(statement));
}
