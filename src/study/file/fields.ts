import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLMap } from "yaml";
import { FolioError, show } from "../../core/index.js";

/** A study file says something it may not: which file and line, which field, what rule, what was found. */
export class BadStudyFile extends FolioError {
  readonly code = "bad-study-file";
  override readonly exitCode = 2;
  constructor(
    readonly file: string,
    readonly line: number,
    readonly field: string,
    readonly rule: string,
    readonly value?: unknown,
  ) {
    const found = value === undefined ? "" : `, but is ${show(value)}`;
    super(`${file}:${line}: ${field === "" ? "the file" : field} ${rule}${found}. Correct it there.`);
  }
}

export type Scalar = string | number | boolean;

/** A value in a YAML file that knows its line and its name, so that whatever is wrong with it can be said exactly. */
export interface Field {
  readonly line: number;
  readonly name: string;
  /** The plain value, for messages and comparisons. */
  readonly value: unknown;
  /** The fields of a mapping. @throws BadStudyFile when it is none, or has a key outside `known` */
  fields(known?: readonly string[]): Readonly<Record<string, Field>>;
  /** The items of a list. */
  items(): readonly Field[];
  /** The items of a list, or the value itself as the only one. */
  each(): readonly Field[];
  scalar(): Scalar;
  text(): string;
  whole(least?: number): number;
  positive(): number;
  flag(): boolean;
  oneOf<T extends string>(choices: readonly T[]): T;
  fault(rule: string, value?: unknown): BadStudyFile;
}

/**
 * Parses YAML text into its top field.
 * @param file named in errors
 * @throws BadStudyFile with the line of the first syntax error
 */
export function yamlFields(text: string, file: string): Field {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined) throw new BadStudyFile(file, lines.linePos(problem.pos[0]).line, "", `is not YAML (${problem.message})`);
  const lineOf = (node: Node | null | undefined): number => (node?.range ? lines.linePos(node.range[0]).line : 1);

  const field = (node: Node | null | undefined, name: string, line = lineOf(node)): Field => {
    const value: unknown = node?.toJS(document) ?? null;
    const fault = (rule: string, found: unknown = value): BadStudyFile => new BadStudyFile(file, line, name, rule, found);
    const number = (holds: (n: number) => boolean, rule: string): number => {
      if (typeof value !== "number" || !holds(value)) throw fault(rule);
      return value;
    };
    return {
      line,
      name,
      value,
      fields(known) {
        if (!isMap(node)) throw fault("must be a mapping of names to values");
        return mappingOf(node, name, known, fault);
      },
      items() {
        if (!isSeq(node)) throw fault("must be a list");
        return node.items.map((item, i) => field(item as Node, `${name}[${i}]`));
      },
      each() {
        return isSeq(node) ? this.items() : [this];
      },
      scalar() {
        if (!isScalar(node) || !["string", "number", "boolean"].includes(typeof value)) throw fault("must be text, a number, true or false");
        return value as Scalar;
      },
      text() {
        if (typeof value !== "string" || value.trim() === "") throw fault("must be text");
        return value;
      },
      whole: (least = 0) => number((n) => Number.isSafeInteger(n) && n >= least, `must be a whole number from ${least}`),
      positive: () => number((n) => Number.isFinite(n) && n > 0, "must be a number above 0"),
      flag() {
        if (typeof value !== "boolean") throw fault("must be true or false");
        return value;
      },
      oneOf(choices) {
        const found = choices.find((choice) => choice === value);
        if (found === undefined) throw fault(`must be one of ${choices.join(", ")}`);
        return found;
      },
      fault,
    };
  };

  function mappingOf(node: YAMLMap, name: string, known: readonly string[] | undefined, fault: Field["fault"]): Record<string, Field> {
    return Object.fromEntries(
      node.items.map(({ key, value }) => {
        const text = isScalar(key) ? String(key.value) : "";
        const path = name === "" ? text : `${name}.${text}`;
        const line = lineOf(key as Node);
        if (text === "") throw fault("must have plain names as its keys");
        if (known !== undefined && !known.includes(text)) throw new BadStudyFile(file, line, path, `is not known here; the names are ${known.join(", ")}`);
        return [text, field(value as Node | null, path, isMap(value) || isSeq(value) ? line : lineOf((value ?? key) as Node))];
      }),
    );
  }

  return field(document.contents, "");
}
