import { Worker } from "node:worker_threads";
import type { Completions, Diagnostic, Inspection, Language } from "./language.js";
import type { Question } from "./worker.js";

type Ask = Question extends infer One ? (One extends Question ? Omit<One, "id"> : never) : never;

export interface LanguageOptions {
  readonly folder: string;
  /** When the checker is loaded though nobody has asked yet; never when absent. */
  readonly warmAfterMs?: number;
}

/**
 * Typed help from TypeScript in a thread of its own, which starts when it is first asked or after a while. Cells that ran before are
 * told to it then; running a cell never waits for it.
 */
export function openLanguage({ folder, warmAfterMs }: LanguageOptions): Language {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const cells: Ask[] = [];
  let worker: Worker | undefined;
  let next = 0;
  let closed = false;
  const post = (question: Ask): number => {
    const id = next++;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    started().postMessage({ ...question, id });
    return id;
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
      worker = undefined;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    });
    for (const cell of cells) post(cell);
    return own;
  };
  const ask = <T>(question: Ask, none: T): Promise<T> => {
    if (closed) return Promise.resolve(none);
    return new Promise<unknown>((resolve, reject) => waiting.set(post(question), { resolve, reject })).then(
      (value) => (value ?? none) as T,
      () => none,
    );
  };
  const warm =
    warmAfterMs === undefined
      ? undefined
      : setTimeout(() => void ask({ kind: "complete", code: "console.", cursor: 8 }, undefined), warmAfterMs).unref();
  return {
    complete: (code, cursor) =>
      ask<Completions>({ kind: "complete", code, cursor }, { start: cursor, end: cursor, items: [] }),
    inspect: (code, cursor) => ask<Inspection | undefined>({ kind: "inspect", code, cursor }, undefined),
    check: (code) => ask<readonly Diagnostic[]>({ kind: "check", code }, []),
    ran(cell, code) {
      const question: Ask = { kind: "ran", cell, code };
      cells.push(question);
      if (worker !== undefined) post(question);
    },
    close() {
      closed = true;
      clearTimeout(warm);
      void worker?.terminate();
    },
  };
}
