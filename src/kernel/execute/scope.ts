import { FolioError } from "../../core/index.js";
import { unaliased } from "../compile/rename.js";

export class MissingExport extends FolioError {
  readonly code = "missing-export";
  constructor(
    readonly module: string,
    readonly wanted: string,
    readonly has: readonly string[],
  ) {
    super(`"${module}" exports no ${wanted}. It has ${has.length === 0 ? "no exports" : has.join(", ")}.`);
    this.name = "SyntaxError";
  }
}

/**
 * The variables of a notebook. They are properties of the global object, which is what V8 makes fastest for code compiled at
 * different times; a cell may declare any of them again.
 */
export class Scope {
  readonly #target: object;
  readonly #declared = new Set<string>();
  /** Names that an import asked for and the module did not have: types, as a rule. */
  readonly missing = new Map<string, string>();

  constructor(target: object = globalThis) {
    this.#target = target;
  }

  /** Names that cells have declared and that have a value or were set to undefined. */
  get names(): string[] {
    return [...this.#declared].filter((name) => name in this.#target);
  }

  /** The variables and what they hold now. */
  values(): Readonly<Record<string, unknown>> {
    const held = this.names.map((name) => [unaliased(name), Reflect.get(this.#target, name)] as const);
    return Object.setPrototypeOf(Object.fromEntries(held), null) as Record<string, unknown>;
  }

  /**
   * The names one may write after a value: `["tf", "layers"]` → the properties of `tf.layers`, its own first; of no value, the
   * variables. Nothing is called, so what stands behind a getter has none.
   */
  namesOf(path: readonly string[]): string[] {
    if (path.length === 0) return Object.keys(this.values());
    let value: unknown = this.values()[path[0]] ?? plainValue(this.#target, path[0]);
    for (const name of path.slice(1)) value = plainValue(value, name);
    const names = chain(value).flatMap((holder) => Object.getOwnPropertyNames(holder));
    return [...new Set(names)].filter((name) => /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)).slice(0, 1000);
  }

  /** Makes names assignable, keeping the value of those an earlier cell declared. Returns those that are new. */
  declare(names: readonly string[]): string[] {
    const fresh = names.filter((name) => !this.#declared.has(name));
    for (const name of names) {
      this.#define(name, this.#declared.has(name) ? this.#value(name) : undefined, true);
      this.#declared.add(name);
    }
    return fresh;
  }

  put(name: string, value: unknown): void {
    this.#declared.add(name);
    this.#define(name, value, true);
  }

  /** From now on assigning to these throws a TypeError, until a cell declares them anew. */
  fix(names: readonly string[]): void {
    for (const name of names) this.#define(name, this.#value(name), false);
  }

  /** Takes imported bindings `{ local: exported }` out of a module namespace. */
  take(specifier: string, namespace: Readonly<Record<string, unknown>>, bindings: Readonly<Record<string, string>>): void {
    for (const [local, exported] of Object.entries(bindings)) {
      const found = exportOf(namespace, exported);
      if (found === undefined) {
        this.forget([local]);
        this.missing.set(local, specifier);
        continue;
      }
      this.missing.delete(local);
      this.put(local, found.value);
      this.fix([local]);
    }
  }

  forget(names: readonly string[]): void {
    for (const name of names) {
      Reflect.deleteProperty(this.#target, name);
      this.#declared.delete(name);
    }
  }

  /** Undoes the declaration of names a failed cell never reached. */
  forgetUnset(names: readonly string[]): void {
    this.forget(names.filter((name) => this.#value(name) === undefined));
  }

  clear(): void {
    this.forget([...this.#declared]);
  }

  #value(name: string): unknown {
    return Reflect.get(this.#target, name);
  }

  #define(name: string, value: unknown, writable: boolean): void {
    Object.defineProperty(this.#target, name, { value, writable, configurable: true, enumerable: true });
  }
}

/** A value and what it inherits from. */
function chain(value: unknown): object[] {
  if (value === undefined || value === null) return [];
  const holders: object[] = [];
  for (let at: unknown = Object(value); at !== null && holders.length < 50; at = Object.getPrototypeOf(at)) holders.push(at as object);
  return holders;
}

function plainValue(value: unknown, name: string): unknown {
  const found = chain(value).map((holder) => Object.getOwnPropertyDescriptor(holder, name)).find((one) => one !== undefined);
  return found?.value;
}

/** CommonJS modules whose exports Node could not list ahead have them on their default export. */
function exportOf(namespace: Readonly<Record<string, unknown>>, name: string): { value: unknown } | undefined {
  if (name === "*") return { value: namespace };
  if (name in namespace) return { value: namespace[name] };
  const whole = namespace.default;
  if (whole !== null && (typeof whole === "object" || typeof whole === "function") && name in whole)
    return { value: Reflect.get(whole, name) };
  return undefined;
}
