import { Worker } from "node:worker_threads";
import type { Completions, Diagnostic, Inspection, Language } from "./language.js";
import type { Question } from "./worker.js";

type Ask = Question extends infer One ? (One extends Question ? Omit<One, "id"> : never) : never;

export interface LanguageOptions {
  readonly folder: string;
  /** The checker's memory is given back when nobody has asked for so long; the next question loads it again. Never when absent. */
  readonly restAfterMs?: number;
}

/**
 * Typed help from TypeScript in a thread of its own, which starts when it is first asked or warmed. Cells that ran before are told to
 * it then; running a cell never waits for it.
 */
export function openLanguage({ folder, restAfterMs }: LanguageOptions): Language {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const cells = new Map<number, Ask>();
  let worker: Worker | undefined;
  let rest: NodeJS.Timeout | undefined;
  let next = 0;
  let closed = false;
  const post = (question: Ask): number => {
    const id = next++;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    started().postMessage({ ...question, id });
    return id;
  };
  const end = (): void => {
    clearTimeout(rest);
    const ended = worker;
    worker = undefined;
    void ended?.terminate();
  };
  const restLater = (): void => {
    clearTimeout(rest);
    if (restAfterMs !== undefined) rest = setTimeout(() => (waiting.size === 0 ? end() : restLater()), restAfterMs).unref();
  };
  const started = (): Worker => {
    if (worker !== undefined) return worker;
    const own = new Worker(new URL("./worker.js", import.meta.url), { workerData: { folder } });
    worker = own;
    own.unref();
    own.on("message", ({ id, value, failure }: { id: number; value?: unknown; failure?: string }) => {
      const call = waiting.get(id);
      waiting.delete(id);
      if (failure === undefined) call?.resolve(value);
      else call?.reject(new Error(failure));
    });
    own.on("error", (error) => {
      if (worker === own) worker = undefined;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    });
    for (const cell of cells.values()) post(cell);
    return own;
  };
  const ask = <T>(question: Ask, none: T): Promise<T> => {
    if (closed) return Promise.resolve(none);
    restLater();
    return new Promise<unknown>((resolve, reject) => waiting.set(post(question), { resolve, reject })).then(
      (value) => (value ?? none) as T,
      () => none,
    );
  };
  return {
    complete: (code, cursor) =>
      ask<Completions>({ kind: "complete", code, cursor }, { start: cursor, end: cursor, items: [] }),
    inspect: (code, cursor) => ask<Inspection | undefined>({ kind: "inspect", code, cursor }, undefined),
    check: (code) => ask<readonly Diagnostic[]>({ kind: "check", code }, []),
    warm: () => void (worker === undefined && ask({ kind: "complete", code: "console.", cursor: 8 }, undefined)),
    ran(cell, code) {
      const question: Ask = { kind: "ran", cell, code };
      cells.set(cell, question);
      if (worker !== undefined) post(question);
    },
    close() {
      closed = true;
      end();
    },
  };
}
