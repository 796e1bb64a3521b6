import { TemplateError } from "./problems.js";

/** A helper's named arguments, read with the line at fault. Everything must be read or {@link close} complains. */
export class HelperArguments {
  readonly #seen = new Set<string>();

  constructor(
    readonly file: string,
    readonly line: number,
    readonly helper: string,
    private readonly hash: Readonly<Record<string, unknown>>,
  ) {}

  fault(problem: string): TemplateError {
    return new TemplateError(this.file, this.line, this.helper, problem);
  }

  optional(name: string): string | undefined {
    this.#seen.add(name);
    const value = this.hash[name];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value !== "string" && typeof value !== "number") throw this.fault(`needs text for ${name}`);
    return String(value);
  }

  text(name: string, example: string): string {
    const value = this.optional(name);
    if (value === undefined) throw this.fault(`needs ${name}, for example ${name}="${example}"`);
    return value;
  }

  list(name: string): string[] {
    return (this.optional(name) ?? "").split(",").map((item) => item.trim()).filter(Boolean);
  }

  flag(name: string): boolean {
    this.#seen.add(name);
    const value = this.hash[name];
    if (value === undefined || typeof value === "boolean") return value === true;
    throw this.fault(`needs ${name}=true or ${name}=false`);
  }

  number(name: string): number | undefined {
    this.#seen.add(name);
    const value = this.hash[name];
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!Number.isFinite(number)) throw this.fault(`needs a number for ${name}`);
    return number;
  }

  oneOf<Name extends string>(name: string, allowed: readonly Name[], otherwise: Name): Name {
    const value = this.optional(name) ?? otherwise;
    const found = allowed.find((item) => item === value);
    if (found === undefined) throw this.fault(`does not know ${name}="${value}"; it knows ${allowed.join(", ")}`);
    return found;
  }

  /** Arguments that no one asked for, read as a group to look for: `machine="fan" domain="source"`. */
  rest(): Record<string, string> {
    const names = Object.keys(this.hash).filter((name) => !this.#seen.has(name));
    return Object.fromEntries(names.map((name) => [name, this.text(name, "…")]));
  }

  close(): void {
    const unknown = Object.keys(this.hash).filter((name) => !this.#seen.has(name));
    if (unknown.length) throw this.fault(`does not know ${unknown.join(", ")}; it knows ${[...this.#seen].join(", ")}`);
  }
}
