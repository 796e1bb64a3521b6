import { changes, contentKey, type Change, type Ingredients } from "./store/entry.js";
import type { Store } from "./store/store.js";

/** A piece of work whose outputs are a function of its ingredients, so that it need not be done twice. */
export interface Step {
  /** Unique in its store. */
  readonly name: string;
  /** Everything the outputs depend on. */
  readonly ingredients: Ingredients;
  /** Files the step leaves behind, by the name they have in the store. */
  readonly outputs: Readonly<Record<string, string>>;
  run(): Promise<void>;
}

export interface StepOutcome {
  readonly ran: boolean;
  /** What changed since it was last done; empty on the first run, and when it did not run. */
  readonly because: readonly Change[];
  readonly seconds: number;
}

/**
 * Does a step unless the store holds the outputs of the same ingredients, which are then put in their places. What was
 * deleted or edited by hand there is put back.
 */
export async function fulfil(step: Step, store: Store): Promise<StepOutcome> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const found = await store.find(contentKey(step.ingredients));
  if (found !== undefined && (await store.restore(found, (path) => step.outputs[path]))) return { ran: false, because: [], seconds: seconds() };
  const before = await store.latest(step.name);
  await step.run();
  await store.put(step.name, step.ingredients, step.outputs, { seconds: seconds() });
  return { ran: true, because: before === undefined ? [] : changes(before.ingredients, step.ingredients), seconds: seconds() };
}
