import type { Inspector } from "../process/inspector.js";
import { probeExpression } from "../execute/probe.js";
import type { Variable } from "./protocol.js";

/** A value in the debugged process, as the inspector describes it. */
export interface RemoteObject {
  readonly type: string;
  readonly subtype?: string;
  readonly className?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
  readonly description?: string;
  readonly objectId?: string;
  readonly preview?: { readonly overflow: boolean; readonly properties: readonly PropertyPreview[] };
}

interface PropertyPreview {
  readonly name: string;
  readonly type: string;
  readonly subtype?: string;
  readonly value?: string;
}

interface Properties {
  readonly result: readonly { readonly name: string; readonly value?: RemoteObject; readonly get?: RemoteObject }[];
  readonly internalProperties?: readonly { readonly name: string; readonly value?: RemoteObject }[];
}

/** What a variables reference stands for. */
interface Holder {
  readonly objectIds: readonly string[];
  readonly hidden: (name: string) => boolean;
  readonly indexed: number;
}

/** Most elements of an array that one request gets unless it asks for others. */
const mostElements = 100;

/** The variables shown to a reader, by the references that the protocol knows them by until the program goes on. */
export class Variables {
  readonly #inspector: Inspector;
  readonly #typeName: (value: RemoteObject) => string;
  readonly #held: Holder[] = [];

  constructor(inspector: Inspector, typeName = typeOf) {
    this.#inspector = inspector;
    this.#typeName = typeName;
  }

  forget(): void {
    this.#held.length = 0;
  }

  /** A reference to the properties of one or several objects, of which the first that has a name wins. */
  hold(objectIds: readonly string[], hidden: (name: string) => boolean = () => false, indexed = 0): number {
    return this.#held.push({ objectIds, hidden, indexed });
  }

  /** The variables of the notebook, whether it is paused or not. */
  async notebook(): Promise<number> {
    const { result } = (await this.#inspector.call("Runtime.evaluate", {
      expression: `${probeExpression}.variables()`,
    })) as unknown as { result: RemoteObject };
    return this.hold(result.objectId === undefined ? [] : [result.objectId]);
  }

  async list(reference: number, start = 0, count = mostElements): Promise<Variable[]> {
    const holder = this.#held[reference - 1];
    if (holder === undefined) return [];
    const listed = new Map<string, Variable>();
    for (const objectId of holder.objectIds) {
      const source = holder.indexed > mostElements ? await this.#part(objectId, start, count) : objectId;
      const { result, internalProperties = [] } = await this.#properties(source);
      const entries = internalProperties.filter(({ name }) => name === "[[Entries]]" || name === "[[PromiseResult]]");
      for (const { name, value, get } of [...result, ...(entries as Properties["result"])])
        if (name !== "__proto__" && !listed.has(name) && !holder.hidden(name))
          listed.set(name, value === undefined ? accessor(name, get) : this.variable(name, value));
    }
    return [...listed.values()];
  }

  variable(name: string, value: RemoteObject): Variable {
    const length = /^(?:array|typedarray)$/.test(value.subtype ?? "") ? lengthOf(value) : 0;
    const inner =
      value.objectId === undefined || value.type === "function" ? 0 : this.hold([value.objectId], undefined, length);
    return {
      name,
      value: inWords(value),
      type: this.#typeName(value),
      variablesReference: inner,
      evaluateName: name,
      ...(length > mostElements && { indexedVariables: length }),
    };
  }

  async #properties(objectId: string): Promise<Properties> {
    const asked = { objectId, ownProperties: true, generatePreview: true };
    return (await this.#inspector.call("Runtime.getProperties", asked)) as unknown as Properties;
  }

  /** Some elements of a long array, as an object of their own. */
  async #part(objectId: string, start: number, count: number): Promise<string> {
    const { result } = (await this.#inspector.call("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration: `function (from, count) {
        const part = {};
        for (let i = from; i < Math.min(this.length, from + count); i++) part[i] = this[i];
        if (from + count < this.length) part["… " + (this.length - from - count) + " more"] = undefined;
        return part;
      }`,
      arguments: [{ value: start }, { value: count }],
    })) as unknown as { result: RemoteObject };
    return result.objectId!;
  }
}

export const typeOf = ({ className, subtype, type }: RemoteObject): string => className ?? subtype ?? type;

/** JupyterLab's tree shows a value's type, but the value itself where the type is one of Python's names for simple ones. */
export function typeForJupyterLab(value: RemoteObject): string {
  if (value.type === "number") return Number.isInteger(value.value) ? "int" : "float";
  if (value.type === "string" || value.type === "boolean") return value.type === "string" ? "str" : "bool";
  return value.type === "object" ? (value.description ?? typeOf(value)) : typeOf(value);
}

const accessor = (name: string, get: RemoteObject | undefined): Variable => ({
  name,
  value: get === undefined ? "undefined" : "(computed when read)",
  type: "accessor",
  variablesReference: 0,
});

const lengthOf = ({ description = "" }: RemoteObject): number => Number(/\((\d+)\)$/.exec(description)?.[1] ?? 0);

/** Most elements of an array or object in the line that stands for it. */
const mostInWords = 10;

/** One line for a value: `[1, 2, 3]`, `{ a: 1 }`, `"text"`, `Float32Array(4096)`. */
export function inWords({ type, subtype, value, unserializableValue, description = type, preview }: RemoteObject): string {
  if (unserializableValue !== undefined) return unserializableValue;
  if (type === "string") return JSON.stringify(value);
  if (type === "undefined" || subtype === "null") return subtype === "null" ? "null" : "undefined";
  if (type === "function") return /^(?:class|(?:async )?function\*?)\b ?[\w$]*/.exec(description)?.[0].trim() ?? "function";
  if (type !== "object" || preview === undefined || (subtype !== undefined && !subtype.endsWith("array")))
    return description.split("\n")[0];
  const list = subtype?.endsWith("array") === true;
  const shown = preview.properties
    .slice(0, mostInWords)
    .map((one) => (list ? previewOf(one) : `${one.name}: ${previewOf(one)}`));
  const cut = preview.overflow || preview.properties.length > mostInWords;
  const inner = [...shown, ...(cut ? ["…"] : [])].join(", ");
  const head = /^(?:Object|Array\(\d+\))$/.test(description) ? "" : `${description} `;
  return list ? `${head}[${inner}]` : `${head}{${inner === "" ? "" : ` ${inner} `}}`;
}

const previewOf = ({ type, value = "…" }: PropertyPreview): string =>
  type === "string" ? JSON.stringify(value) : type === "function" ? "function" : value;
