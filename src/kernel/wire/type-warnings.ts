import type { Diagnostic } from "../language/language.js";

export interface TypeWarningsOptions {
  readonly check: (code: string) => Promise<readonly Diagnostic[]>;
  readonly show: (cell: number, problems: readonly Diagnostic[]) => void;
  /** How long no cell must have run before the checker is asked. */
  readonly idleMs: number;
}

/** Most cells that wait to be checked; of more, the latest. */
const most = 50;

/**
 * Type errors as warnings under the cells that were run. The checker is only asked while no cell runs, so that it never takes a
 * processor from one: running a whole notebook is followed by its warnings.
 */
export class TypeWarnings {
  readonly #options: TypeWarningsOptions;
  #waiting: { readonly cell: number; readonly code: string }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #asking = false;
  on = true;

  constructor(options: TypeWarningsOptions) {
    this.#options = options;
  }

  /** A cell starts: what has not been asked yet waits. */
  cellStarts(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  cellEnded(cell: number, code: string): void {
    if (this.on && code.trim() !== "") this.#waiting = [...this.#waiting, { cell, code }].slice(-most);
    this.#schedule();
  }

  close(): void {
    this.#waiting = [];
    this.cellStarts();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#waiting.length === 0) return;
    this.#timer = setTimeout(() => void this.#askNext(), this.#options.idleMs).unref();
  }

  async #askNext(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    while (this.#timer !== undefined) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      const problems = await this.#options.check(next.code);
      if (problems.length > 0) this.#options.show(next.cell, problems);
    }
    this.#asking = false;
    if (this.#timer !== undefined) this.#timer = undefined;
    else this.#schedule();
  }
}
