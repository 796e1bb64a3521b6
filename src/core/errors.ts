/**
 * Errors are data first and words last: a `code` for programs, the fields that say what was found and where,
 * and one line for people that says where, which rule, what was found and what to do about it.
 * The command line prints `message` alone; a stack trace only with `--debug`.
 */
export abstract class FolioError extends Error {
  /** Kebab-case, stable: `truncated-file`, `unknown-option` … */
  abstract readonly code: string;
  /** What the command line exits with: 1 the work failed, 2 the call was wrong. */
  readonly exitCode: 1 | 2 = 1;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }

  /** The error's own fields, for `--json` and for result records. */
  toJSON(): Record<string, unknown> {
    const { name: _, stack: __, cause: ___, ...fields } = { ...this } as Record<string, unknown>;
    return { code: this.code, message: this.message, ...fields };
  }
}

/** The call itself was wrong: an option, an argument, a name that does not exist. */
export class UsageError extends FolioError {
  readonly code = "usage";
  override readonly exitCode = 2;
}

/** Two arrays that must go together do not. */
export class ShapeMismatch extends FolioError {
  readonly code = "shape-mismatch";
  constructor(
    readonly what: string,
    readonly expected: readonly number[],
    readonly actual: readonly number[],
    remedy = "Check that both come from the same case.",
  ) {
    super(`${what}: expected shape [${expected.join(", ")}] but got [${actual.join(", ")}]. ${remedy}`);
  }
}

/** A value outside what a function is defined for. */
export class InvalidValue extends FolioError {
  readonly code = "invalid-value";
  constructor(
    readonly where: string,
    readonly rule: string,
    readonly value: unknown,
    remedy = "",
  ) {
    super(`${where}: ${rule}, but got ${show(value)}.${remedy && ` ${remedy}`}`);
  }
}

/** A file that is missing, unreadable or not what it claims to be. */
export class BadFile extends FolioError {
  constructor(
    /** `not-found`, `truncated-file`, `bad-header`, `unsupported` … */
    readonly code: string,
    readonly file: string,
    readonly problem: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${problem}. ${remedy}`, options);
  }
}

/** The user or a time limit stopped the work; what was saved is said in the message. */
export class Interrupted extends FolioError {
  readonly code = "interrupted";
  constructor(readonly saved = "Nothing was lost.") {
    super(`Interrupted. ${saved}`);
  }
}

/** A value as an error message shows it: short, quoted when text. */
export function show(value: unknown): string {
  const text = typeof value === "number" || typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** Throws {@link Interrupted} when the signal has fired; library loops call it once a step. */
export function stopIfAborted(signal: AbortSignal | undefined, saved?: string): void {
  if (signal?.aborted) throw new Interrupted(saved);
}
