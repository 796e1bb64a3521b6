import type { ChildProcess } from "node:child_process";
import { openWebSocket } from "./web-socket.js";

type Fields = Readonly<Record<string, unknown>>;

/** A connection to the V8 inspector of another Node process; works while that process is busy. */
export interface Inspector {
  /** @throws Error with the inspector's own words */
  call(method: string, params?: Fields): Promise<Fields>;
  on(listener: (method: string, params: Fields) => void): () => void;
  close(): void;
}

/** Asks a process to open its inspector on a free port of this machine and connects to it. */
export async function attachInspector(child: ChildProcess, debuggerUrl: () => string | undefined): Promise<Inspector> {
  if (debuggerUrl() === undefined) startInspector(child);
  const url = await until(debuggerUrl, 3000);
  const waiting = new Map<number, { resolve: (result: Fields) => void; reject: (error: Error) => void }>();
  const listeners = new Set<(method: string, params: Fields) => void>();
  let closed = false;
  const receive = (text: string): void => {
    const { id, method, params, result, error } = JSON.parse(text) as {
      id?: number;
      method?: string;
      params?: Fields;
      result?: Fields;
      error?: { message: string };
    };
    if (id === undefined) {
      for (const listener of listeners) listener(String(method), params ?? {});
      return;
    }
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result ?? {});
    else call?.reject(new Error(error.message));
  };
  const end = (): void => {
    closed = true;
    for (const { reject } of waiting.values()) reject(new Error("The inspector closed the connection."));
    waiting.clear();
  };
  const socket = await openWebSocket(url, receive, end);
  let next = 1;
  return {
    call(method, params = {}) {
      if (closed) return Promise.reject(new Error("The inspector is closed."));
      const id = next++;
      socket.send(JSON.stringify({ id, method, params }));
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => socket.close(),
  };
}

/** Unix signals a thread of Node's that listens for it; Windows has another door to the same thread. */
function startInspector(child: ChildProcess): void {
  if (process.platform !== "win32") {
    child.kill("SIGUSR1");
    return;
  }
  const { _debugProcess: open } = process as unknown as { _debugProcess?: (pid: number) => void };
  if (child.pid !== undefined) open?.(child.pid);
}

async function until<T>(read: () => T | undefined, limitMs: number): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = read();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error("The process did not open its inspector.");
    await pause(5);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
