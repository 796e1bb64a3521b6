import { nameOf, nodeAt, nodesAt, type Node } from "../kernel/index.js";

/** What values a parameter takes, read off its TypeScript type or, without one, off its default. */
export type ParameterType =
  | { readonly kind: "number" | "string" | "boolean" | "null" | "any" }
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  | { readonly kind: "list"; readonly of: ParameterType }
  | { readonly kind: "one-of"; readonly types: readonly ParameterType[] };

/** @param aliases the `type X = …` declarations of the same cell */
export function typeOf(declarator: Node, aliases: ReadonlyMap<string, Node>): ParameterType {
  const annotation = nodeAt(nodeAt(declarator, "id") ?? declarator, "typeAnnotation");
  if (annotation !== null) return fromType(nodeAt(annotation, "typeAnnotation"), aliases);
  return fromDefault(nodeAt(declarator, "init"), aliases);
}

function fromType(type: Node | null, aliases: ReadonlyMap<string, Node>, depth = 0): ParameterType {
  const inner = (node: Node | null): ParameterType => fromType(node, aliases, depth + 1);
  if (type === null || depth > 20) return { kind: "any" };
  switch (type.type) {
    case "TSNumberKeyword":
      return { kind: "number" };
    case "TSStringKeyword":
      return { kind: "string" };
    case "TSBooleanKeyword":
      return { kind: "boolean" };
    case "TSNullKeyword":
    case "TSUndefinedKeyword":
      return { kind: "null" };
    case "TSLiteralType":
      return fromDefault(nodeAt(type, "literal"), aliases, true);
    case "TSUnionType":
      return { kind: "one-of", types: nodesAt(type, "types").map(inner) };
    case "TSArrayType":
      return { kind: "list", of: inner(nodeAt(type, "elementType")) };
    case "TSParenthesizedType":
    case "TSTypeOperator":
      return inner(nodeAt(type, "typeAnnotation"));
    case "TSTypeReference": {
      const name = nameOf(nodeAt(type, "typeName"));
      const [argument = null] = nodesAt(nodeAt(type, "typeArguments") ?? type, "params");
      if (name === "Array" || name === "ReadonlyArray") return { kind: "list", of: inner(argument) };
      return aliases.has(name) ? inner(aliases.get(name) ?? null) : { kind: "any" };
    }
    default:
      return { kind: "any" };
  }
}

/** The type of a default value, widened as TypeScript widens a `let`; `exact` keeps literals. */
function fromDefault(value: Node | null, aliases: ReadonlyMap<string, Node>, exact = false): ParameterType {
  if (value === null) return { kind: "any" };
  if (value.type === "TSAsExpression" || value.type === "TSSatisfiesExpression") {
    const type = nodeAt(value, "typeAnnotation");
    const isConst = nameOf(nodeAt(type ?? value, "typeName")) === "const";
    return isConst ? fromDefault(nodeAt(value, "expression"), aliases) : fromType(type, aliases);
  }
  const negative = value.type === "UnaryExpression" && value.operator === "-";
  const literal = negative ? nodeAt(value, "argument") : value;
  if (literal?.type === "Literal") {
    const raw = literal.value;
    if (raw === null) return { kind: "any" };
    if (typeof raw === "string" || typeof raw === "number" || typeof raw === "boolean") {
      if (exact) return { kind: "literal", value: negative && typeof raw === "number" ? -raw : raw };
      return { kind: typeof raw as "string" | "number" | "boolean" };
    }
  }
  if (value.type === "TemplateLiteral") return { kind: "string" };
  if (value.type === "ArrayExpression") {
    const [first = null] = nodesAt(value, "elements");
    return { kind: "list", of: fromDefault(first, aliases) };
  }
  return { kind: "any" };
}

/** The type in the words of TypeScript: `"quick" | "small"`. */
export function typeText(type: ParameterType): string {
  if (type.kind === "literal") return JSON.stringify(type.value);
  if (type.kind === "list") return type.of.kind === "one-of" ? `(${typeText(type.of)})[]` : `${typeText(type.of)}[]`;
  if (type.kind === "one-of") return type.types.map(typeText).join(" | ");
  return type.kind === "any" ? "any JSON value" : type.kind;
}

export function accepts(type: ParameterType, value: unknown): boolean {
  switch (type.kind) {
    case "any":
      return true;
    case "null":
      return value === null || value === undefined;
    case "number":
      return typeof value === "number" && !Number.isNaN(value);
    case "literal":
      return value === type.value;
    case "list":
      return Array.isArray(value) && value.every((item) => accepts(type.of, item));
    case "one-of":
      return type.types.some((one) => accepts(one, value));
    default:
      return typeof value === type.kind;
  }
}

/** What a text on the command line means for a parameter of this type; undefined when it means nothing. */
export function readValue(type: ParameterType, text: string): { readonly value: unknown } | undefined {
  switch (type.kind) {
    case "string":
      return { value: text };
    case "number":
      return text.trim() !== "" && !Number.isNaN(Number(text)) ? { value: Number(text) } : undefined;
    case "boolean":
      return text === "true" || text === "false" ? { value: text === "true" } : undefined;
    case "null":
      return text === "null" ? { value: null } : undefined;
    case "literal":
      return String(type.value) === text ? { value: type.value } : undefined;
    case "one-of": {
      const narrowFirst = [...type.types].sort((a, b) => Number(a.kind === "string") - Number(b.kind === "string"));
      return narrowFirst.map((one) => readValue(one, text)).find((found) => found !== undefined);
    }
    case "list": {
      const items = text.trim().startsWith("[")
        ? parseJson(text)
        : { value: text === "" ? [] : text.split(",").map((item) => readValue(type.of, item.trim())?.value) };
      return items !== undefined && accepts(type, items.value) ? items : undefined;
    }
    default:
      return parseJson(text) ?? { value: text };
  }
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
