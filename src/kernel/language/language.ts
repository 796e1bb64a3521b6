/** Typed help for the code of a notebook. Everything is counted in UTF-16 units; the wire's code points are the kernel's business. */
export interface Language {
  complete(code: string, cursor: number): Promise<Completions>;
  inspect(code: string, cursor: number): Promise<Inspection | undefined>;
  /** Tells it that a cell was run, so that the help for later ones knows its bindings. */
  ran(cell: number, code: string): void;
  /** Loads the checker ahead of the first question. */
  warm(): void;
  /** What the type checker says about a cell, without running it. */
  check(code: string): Promise<readonly Diagnostic[]>;
  close(): void;
}

export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly items: readonly { readonly text: string; readonly kind: string }[];
}

export interface Inspection {
  readonly markdown: string;
  readonly text: string;
}

export interface Diagnostic {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly code: number;
}

export const noLanguage: Language = {
  complete: (_code, cursor) => Promise.resolve({ start: cursor, end: cursor, items: [] }),
  inspect: () => Promise.resolve(undefined),
  ran: () => {},
  warm: () => {},
  check: () => Promise.resolve([]),
  close: () => {},
};
