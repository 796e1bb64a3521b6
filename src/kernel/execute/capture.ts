import type { CellContext } from "./cell-context.js";

/** Text written by code that runs on behalf of a cell. */
export type Write = (cell: number, name: "stdout" | "stderr", text: string) => void;

/**
 * Sends what is written to the process' streams (and so by `console`) to the cell whose code, or whose timers and promises, wrote
 * it; what no cell wrote goes where it always went. This is the one place that changes the process' streams.
 * @returns a function that puts them back
 */
export function captureStreams(current: CellContext, write: Write): () => void {
  const restore = (["stdout", "stderr"] as const).map((name) => {
    const stream = process[name];
    const original = stream.write;
    const captured = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
      const cell = current.current();
      if (cell === undefined) return Reflect.apply(original, stream, [chunk, encoding, done]) as boolean;
      write(cell, name, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
      const callback = typeof encoding === "function" ? encoding : done;
      if (typeof callback === "function") process.nextTick(callback);
      return true;
    };
    stream.write = captured as typeof stream.write;
    return () => void (stream.write = original);
  });
  return () => restore.forEach((putBack) => putBack());
}
