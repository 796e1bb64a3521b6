import { InvalidValue } from "../core/index.js";

/**
 * Reads a request's JSON field by field; every reader throws InvalidValue that names the field, the rule and the value.
 * @example
 * const fields = new Fields(body);
 * const x = fields.whole("x", 0, 63);
 * const label = fields.oneOf("label", ["positive", "negative"]);
 */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(body: unknown) {
    if (body === null || typeof body !== "object" || Array.isArray(body)) throw new InvalidValue("request", "must be an object", body);
    this.#values = body as Record<string, unknown>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name) && this.#values[name] !== undefined && this.#values[name] !== null;
  }

  /** A number in [low, high]. */
  number(name: string, low: number, high: number): number {
    const value = this.#own(name);
    if (typeof value !== "number" || !(value >= low && value <= high)) throw new InvalidValue(name, `must be a number from ${low} to ${high}`, value);
    return value;
  }

  /** A whole number in [low, high]. */
  whole(name: string, low: number, high: number): number {
    const value = this.#own(name);
    if (!Number.isInteger(value) || (value as number) < low || (value as number) > high) throw new InvalidValue(name, `must be a whole number from ${low} to ${high}`, value);
    return value as number;
  }

  text(name: string, maxLength = 1000): string {
    const value = this.#own(name);
    if (typeof value !== "string" || value.length > maxLength) throw new InvalidValue(name, `must be text of at most ${maxLength} characters`, value);
    return value;
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.#own(name);
    if (!choices.includes(value as Choice)) throw new InvalidValue(name, `must be one of ${choices.join(", ")}`, value);
    return value as Choice;
  }

  list(name: string, maxLength: number): readonly unknown[] {
    const value = this.#own(name);
    if (!Array.isArray(value) || value.length > maxLength) throw new InvalidValue(name, `must be a list of at most ${maxLength}`, value);
    return value;
  }

  #own(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }
}
