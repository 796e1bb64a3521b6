import { AsyncLocalStorage } from "node:async_hooks";
import { promiseHooks } from "node:v8";

/** Knows on behalf of which cell the present code runs, through promises and timers. */
export interface CellContext {
  run<T>(cell: number, work: () => T): T;
  current(): number | undefined;
  /** The cell that made a promise, or threw out of a callback the error that is being handled. */
  causeOf(promise?: Promise<unknown>): number | undefined;
  close(): void;
}

/**
 * Since Node 24 AsyncLocalStorage follows code without async hooks. Before, it does so by hooks whose stack breaks, and Node with
 * it, when V8 ends a running cell; there we follow promises and timers ourselves.
 */
export function openCellContext(): CellContext {
  return Number(process.versions.node.split(".")[0]) >= 24 ? nativeContext() : hookedContext();
}

function nativeContext(): CellContext {
  const store = new AsyncLocalStorage<number>();
  return {
    run: (cell, work) => store.run(cell, work),
    current: () => store.getStore(),
    causeOf: () => store.getStore(),
    close: () => store.disable(),
  };
}

const mark = Symbol("folio.cell");
type Marked = { [mark]?: number };

function hookedContext(): CellContext {
  let current: number | undefined;
  let thrower: number | undefined;
  const outer: (number | undefined)[] = [];
  const stopHooks = promiseHooks.createHook({
    init: (promise: Promise<unknown> & Marked) => {
      if (current !== undefined) Object.defineProperty(promise, mark, { value: current, enumerable: false });
    },
    before: (promise: Promise<unknown> & Marked) => {
      outer.push(current);
      current = promise[mark];
    },
    after: () => {
      current = outer.pop();
    },
  } as Parameters<typeof promiseHooks.createHook>[0]) as unknown as () => void;
  const run = <T>(cell: number | undefined, work: () => T): T => {
    const before = current;
    current = cell;
    try {
      return work();
    } catch (error) {
      thrower = cell;
      throw error;
    } finally {
      current = before;
    }
  };
  const restore = wrapSchedulers((callback) => {
    const cell = current;
    return cell === undefined ? callback : (...args) => run(cell, () => Reflect.apply(callback, undefined, args));
  });
  return {
    run,
    current: () => current,
    causeOf: (promise?: Promise<unknown> & Marked) => (promise === undefined ? thrower : promise[mark]) ?? current,
    close() {
      stopHooks();
      restore();
    },
  };
}

type Callback = (...args: unknown[]) => unknown;

/** Lets every callback handed to a timer or the microtask queue keep what `bind` gives it. */
function wrapSchedulers(bind: (callback: Callback) => Callback): () => void {
  const undo: (() => void)[] = [];
  const wrap = (holder: object, name: string): void => {
    const original = Reflect.get(holder, name) as Callback;
    const wrapped = (callback: unknown, ...rest: unknown[]): unknown =>
      Reflect.apply(original, holder, [typeof callback === "function" ? bind(callback as Callback) : callback, ...rest]);
    // promisify(setTimeout) finds its own version on the function.
    for (const key of Reflect.ownKeys(original))
      if (typeof key === "symbol") Object.defineProperty(wrapped, key, Object.getOwnPropertyDescriptor(original, key)!);
    Reflect.set(holder, name, wrapped);
    undo.push(() => Reflect.set(holder, name, original));
  };
  for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"]) wrap(globalThis, name);
  wrap(process, "nextTick");
  return () => undo.forEach((putBack) => putBack());
}
