import { nameOf, nodeAt, nodesAt, type Node } from "./syntax.js";

/** The identifiers that a binding pattern binds: `{ a, b: [c = 1, ...d] }` gives a, c, d. */
export function* boundIdentifiers(pattern: Node | null): Generator<Node> {
  switch (pattern?.type) {
    case "Identifier":
      yield pattern;
      break;
    case "ObjectPattern":
      for (const property of nodesAt(pattern, "properties"))
        yield* boundIdentifiers(nodeAt(property, property.type === "RestElement" ? "argument" : "value"));
      break;
    case "ArrayPattern":
      for (const element of nodesAt(pattern, "elements")) yield* boundIdentifiers(element);
      break;
    case "AssignmentPattern":
      yield* boundIdentifiers(nodeAt(pattern, "left"));
      break;
    case "RestElement":
      yield* boundIdentifiers(nodeAt(pattern, "argument"));
      break;
    case "TSParameterProperty":
      yield* boundIdentifiers(nodeAt(pattern, "parameter"));
      break;
    default:
  }
}

export const boundNames = (pattern: Node | null): string[] => [...boundIdentifiers(pattern)].map(nameOf);
