/**
 * What a lowered `using` declaration calls, with the interface of Babel's helper of that name: `u` takes a disposable,
 * `a` one to await, `e` is the error the block threw, `d` disposes in reverse order.
 */
export function usingCtx(): UsingContext {
  const stack: { dispose: () => unknown; wait: boolean }[] = [];
  const take = (value: unknown, wait: boolean): unknown => {
    if (value !== null && value !== undefined) stack.push({ dispose: disposerOf(value, wait), wait });
    return value;
  };
  let failure: { error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure = failure === undefined ? { error } : { error: suppressed(error, failure.error) };
  };
  const finish = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  const disposeAll = (): unknown => {
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
      try {
        const result = item.dispose();
        if (item.wait) return Promise.resolve(result).catch(fail).then(disposeAll);
      } catch (error) {
        fail(error);
      }
    }
    return finish();
  };
  return {
    set e(error: unknown) {
      failure = { error };
    },
    u: (value) => take(value, false),
    a: (value) => take(value, true),
    d: disposeAll,
  };
}

export interface UsingContext {
  e: unknown;
  readonly u: (value: unknown) => unknown;
  readonly a: (value: unknown) => unknown;
  readonly d: () => unknown;
}

// Node 20 has the two symbols under these descriptions without knowing the syntax.
const disposeSymbol: symbol = Symbol.dispose ?? Symbol.for("Symbol.dispose");
const asyncDisposeSymbol: symbol = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");

function disposerOf(value: unknown, wait: boolean): () => unknown {
  const method: unknown =
    (wait ? Reflect.get(Object(value), asyncDisposeSymbol) : undefined) ?? Reflect.get(Object(value), disposeSymbol);
  if (typeof method !== "function") throw new TypeError("using: the value has no [Symbol.dispose]() method");
  return () => Reflect.apply(method, value, []);
}

function suppressed(error: unknown, earlier: unknown): Error {
  const both = new Error("An error was suppressed during disposal.", { cause: earlier });
  both.name = "SuppressedError";
  return Object.assign(both, { error, suppressed: earlier });
}
