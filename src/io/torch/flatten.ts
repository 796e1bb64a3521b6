import { unsupported } from "../problems.js";
import { isKind, type TorchTensor, type TorchValue } from "./values.js";

export type TorchScalar = string | number | boolean | null;

export interface FlatTorch {
  /** By name: the keys on the way to it, joined by points. */
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  /** Everything else that is one number or text. */
  readonly values: ReadonlyMap<string, TorchScalar>;
}

const deepest = 100;
const mostValues = 2_000_000;
const longestName = 4096;
/** Characters of all names together. */
const mostCharacters = 2 ** 27;

/**
 * Names every tensor of what a file holds, as PyTorch names them: `state_dict.layer1.0.weight`.
 * @throws BadFile `unsupported` for what holds itself, for two tensors of one name, and beyond the limits
 */
export function flatten(roots: readonly { readonly prefix: string; readonly value: TorchValue }[], file: string): FlatTorch {
  const tensors = new Map<string, TorchTensor>();
  const values = new Map<string, TorchScalar>();
  let [seen, characters] = [0, 0];
  const visit = (value: TorchValue, name: string, depth: number): void => {
    if (depth > deepest) throw unsupported(file, `nests more than ${deepest} levels deep`, "Save the state_dict alone.");
    if (++seen > mostValues) throw unsupported(file, `holds more than ${mostValues} values`, "Save the state_dict alone.");
    characters += name.length;
    if (name.length > longestName)
      throw unsupported(file, `holds a name of more than ${longestName} characters`, "Save the state_dict alone.");
    if (characters > mostCharacters)
      throw unsupported(file, `holds names of ${mostCharacters} characters together`, "Save the state_dict alone.");
    const below = (key: string): string => (name === "" ? key : `${name}.${key.slice(0, longestName)}`);
    if (isKind(value, "tensor")) {
      if (tensors.has(name))
        throw unsupported(file, `holds two tensors of the name ${JSON.stringify(name.slice(0, 80))}`, "Rename one.");
      tensors.set(name, value);
    } else if (Array.isArray(value)) {
      value.forEach((item, i) => visit(item, below(String(i)), depth + 1));
    } else if (value instanceof Map) {
      for (const [key, item] of value) visit(item, below(keyText(key)), depth + 1);
    } else if (isKind(value, "object")) {
      visit(value.state, name, depth + 1);
    } else if (isScalar(value)) {
      values.set(name, typeof value === "bigint" ? String(value) : value);
    } else if (isKind(value, "global")) {
      values.set(name, value.name);
    }
  };
  for (const { prefix, value } of roots) visit(value, prefix, 0);
  return { tensors, values };
}

function keyText(key: TorchValue): string {
  return isScalar(key) ? String(key) : "…";
}

function isScalar(value: TorchValue): value is null | boolean | number | bigint | string {
  return value === null || typeof value !== "object";
}
