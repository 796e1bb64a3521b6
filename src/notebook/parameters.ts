import { FolioError, sha256, show } from "../core/index.js";
import { nameOf, nodeAt, nodesAt, parseCell, positionOf, type Node } from "../kernel/index.js";
import { hasTag, type Cell, type Notebook } from "./nbformat.js";
import { accepts, readValue, typeOf, typeText, type ParameterType } from "./parameter-types.js";

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** The declaration as written. */
  readonly text: string;
  readonly line: number;
}

/** A value was given for a parameter the notebook does not have, or of a type it does not take. */
export class BadParameter extends FolioError {
  readonly code = "bad-parameter";
  override readonly exitCode = 2;
  constructor(
    readonly notebook: string,
    readonly parameter: string,
    readonly value: unknown,
    problem: string,
  ) {
    super(`${notebook}: ${problem}`);
  }
}

/** The parameters of a notebook: what the cell tagged `parameters` declares, with their TypeScript types. */
export function parametersOf(notebook: Notebook): Parameter[] {
  const cell = notebook.cells.find((one) => one.cell_type === "code" && hasTag(one, "parameters"));
  if (cell === undefined) return [];
  const { body, source } = parseCell(cell.source);
  const declarations = body.map((statement) =>
    statement.type === "ExportNamedDeclaration" ? (nodeAt(statement, "declaration") ?? statement) : statement,
  );
  const aliases = new Map(
    declarations
      .filter(({ type }) => type === "TSTypeAliasDeclaration")
      .map((alias): [string, Node] => [nameOf(nodeAt(alias, "id")), nodeAt(alias, "typeAnnotation") ?? alias]),
  );
  return declarations
    .filter(({ type }) => type === "VariableDeclaration")
    .flatMap((declaration) => nodesAt(declaration, "declarations"))
    .filter((declarator) => nodeAt(declarator, "id")?.type === "Identifier")
    .map((declarator) => ({
      name: nameOf(nodeAt(declarator, "id")),
      type: typeOf(declarator, aliases),
      text: source.slice(declarator.start, declarator.end),
      line: positionOf(source, declarator.start).line,
    }));
}

/** Values by name. Text means what it would on the command line: "2" for a number is 2. */
export type ParameterValues = Readonly<Record<string, unknown>>;

/**
 * The notebook with a cell after its parameters cell that sets the given values (tag `injected-parameters`), as papermill does;
 * a cell of that tag that is already there is replaced.
 * @throws BadParameter naming the parameter, what it takes and what was given
 */
export function withParameters(notebook: Notebook, values: ParameterValues, name = "notebook"): Notebook {
  const bare = notebook.cells.filter((cell) => !hasTag(cell, "injected-parameters"));
  if (Object.keys(values).length === 0) return { ...notebook, cells: bare };
  const parameters = parametersOf(notebook);
  const lines = Object.entries(values).map(([key, given]) => {
    const value = checkedValue(name, parameters, key, given);
    return `const ${key} = ${JSON.stringify(value)};`;
  });
  const source = `// Parameters of this run\n${lines.join("\n")}`;
  const injected: Cell = {
    id: `parameters-${sha256(source).slice(0, 8)}`,
    cell_type: "code",
    source,
    metadata: { tags: ["injected-parameters"] },
    execution_count: null,
    outputs: [],
  };
  const at = bare.findIndex((cell) => hasTag(cell, "parameters"));
  return { ...notebook, cells: [...bare.slice(0, at + 1), injected, ...bare.slice(at + 1)] };
}

function checkedValue(notebook: string, parameters: readonly Parameter[], name: string, given: unknown): unknown {
  const parameter = parameters.find((one) => one.name === name);
  if (parameter === undefined) {
    const known =
      parameters.length > 0
        ? `It has ${parameters.map((one) => one.name).join(", ")}.`
        : "It has no cell tagged “parameters”.";
    throw new BadParameter(notebook, name, given, `no parameter is called ${name}. ${known}`);
  }
  const read =
    typeof given === "string" && !accepts(parameter.type, given) ? readValue(parameter.type, given) : { value: given };
  if (read !== undefined && accepts(parameter.type, read.value)) return read.value;
  throw new BadParameter(
    notebook,
    name,
    given,
    `${name} must be ${typeText(parameter.type)} (parameters cell, line ${parameter.line}: ${parameter.text}), but got ${show(given)}.`,
  );
}
