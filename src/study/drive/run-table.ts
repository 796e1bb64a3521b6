import { isOver, type RunState, type RunView } from "./view.js";

export type OnChange = (table: RunTable, run: RunView) => void;

/** Where every run of a study stands. Says how many are unfinished, and which run, without looking at all of them. */
export class RunTable {
  readonly #views = new Map<string, RunView>();
  readonly #running = new Set<string>();
  #unfinished: number;

  /** @param onChange called after every change, with the run that changed */
  constructor(
    ids: readonly string[],
    private readonly onChange: OnChange = () => {},
  ) {
    for (const id of ids) this.#views.set(id, { id, state: "planned", failures: 0 });
    this.#unfinished = this.#views.size;
  }

  /** In the study's order. */
  get views(): readonly RunView[] {
    return [...this.#views.values()];
  }

  get unfinished(): number {
    return this.#unfinished;
  }

  get running(): readonly RunView[] {
    return [...this.#running].map((id) => this.#views.get(id)!);
  }

  get(id: string): RunView | undefined {
    return this.#views.get(id);
  }

  /** @param from change only a run that is in one of these states */
  set(id: string, change: Partial<Omit<RunView, "id">>, from?: readonly RunState[]): void {
    const before = this.#views.get(id);
    if (before === undefined || (from !== undefined && !from.includes(before.state))) return;
    const now = { ...before, ...change };
    this.#views.set(id, now);
    if (now.state === "running") this.#running.add(id);
    else this.#running.delete(id);
    this.#unfinished += Number(isOver(before)) - Number(isOver(now));
    this.onChange(this, now);
  }
}
