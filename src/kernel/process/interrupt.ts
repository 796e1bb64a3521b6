import { cellAddress } from "../execute/probe.js";
import type { Inspector } from "./inspector.js";
import { pause } from "./inspector.js";

/** What stopping a cell needs of the session it runs in. */
export interface Interruptible {
  /** Whether the cell that was to be stopped is still running. */
  running(): boolean;
  /** Tells the cell's code by its AbortSignal; resolves when the process has heard it. */
  ask(): Promise<void>;
  /** Tells the process to answer for the cell, whether its code has ended or not. */
  abandon(): void;
  attach(): Promise<Inspector>;
  kill(): void;
}

const politeMs = 150;
const busyMs = 80;
const rounds = 6;

/**
 * Stops a running cell. First its code is asked, which suits anything that listens to the signal. Code that does not answer is
 * caught by V8's debugger in the act – pausing there, and only there, ends it, so a late blow can never hit our own code or the next
 * cell. When even that fails the process is ended.
 */
export async function interruptCell(cell: Interruptible): Promise<void> {
  const heard = cell.ask().then(() => true);
  const free = await Promise.race([heard, pause(busyMs).then(() => false)]);
  if (free) await settled(cell, politeMs);
  if (!cell.running()) return;
  let inspector: Inspector | undefined;
  try {
    inspector = await cell.attach();
    for (let round = 0; round < rounds && cell.running(); round++) {
      await terminateInTheAct(inspector, 150);
      cell.abandon();
      await settled(cell, 250);
    }
  } catch {
    // Without its inspector the process can only be ended.
  }
  if (cell.running()) {
    cell.abandon();
    await settled(cell, 500);
  }
  if (cell.running()) cell.kill();
  inspector?.close();
}

async function settled(cell: Interruptible, limitMs: number): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (cell.running() && Date.now() < deadline) await pause(2);
}

/** Code of Node and of this package: a pause there goes on until user code is reached. */
export const notTheUsers: readonly string[] = ["^node:", "/dist/kernel/(execute|process|compile|modules)/"];

/** Most steps out of library code before a cell is ended wherever it is, and how long each may take. */
const mostSteps = 200;
const stepMs = 400;

/**
 * Pauses in the next user code that runs and ends it. A library that is ended in the middle of its work may be left in disorder (a
 * TensorFlow.js `tidy` that never closes), so code below a library's function is first let go on to where that returns.
 */
async function terminateInTheAct(inspector: Inspector, limitMs: number): Promise<void> {
  const pauses = pauseListener(inspector);
  // A process too busy to answer must not hold us up; what follows is decided by what is seen to happen.
  const call = (method: string, params: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
    Promise.race([inspector.call(method, params).catch(() => undefined), pause(stepMs)]);
  try {
    await call("Debugger.enable");
    await call("Debugger.setBlackboxPatterns", { patterns: notTheUsers });
    await call("Debugger.pause");
    let stack = await pauses.next(limitMs);
    const caught = stack !== undefined;
    for (let step = 0; stack !== undefined && !safeToEnd(stack) && step < mostSteps; step++) {
      await call("Debugger.stepOut");
      stack = await pauses.next(stepMs);
    }
    // Code that does not return from where it was is ended there.
    if (caught && stack === undefined) {
      await call("Debugger.pause");
      await pauses.next(limitMs);
    }
    if (caught) {
      const ended = call("Runtime.terminateExecution");
      await call("Debugger.resume");
      await ended;
    }
    await call("Debugger.disable");
  } finally {
    pauses.close();
  }
}

/** The addresses of the scripts on the stack, innermost first. */
type Stack = readonly string[];

/** Only cells are on the stack, or there is nothing left to return to. */
function safeToEnd(stack: Stack): boolean {
  const users = stack.filter((url) => !notTheUsers.some((pattern) => new RegExp(pattern).test(url)));
  return users.length <= 1 || users.every((url) => cellAddress.test(url));
}

/** Waits for the debugger's pauses, one after the other. */
function pauseListener(inspector: Inspector): { next(limitMs: number): Promise<Stack | undefined>; close(): void } {
  const scripts = new Map<unknown, string>();
  const seen: Stack[] = [];
  const close = inspector.on((method, params) => {
    if (method === "Debugger.scriptParsed") scripts.set(params.scriptId, String(params.url));
    if (method !== "Debugger.paused") return;
    const frames = params.callFrames as readonly { readonly location: { readonly scriptId: string } }[];
    seen.push(frames.map(({ location }) => scripts.get(location.scriptId) ?? ""));
  });
  return {
    close,
    async next(limitMs) {
      const deadline = Date.now() + limitMs;
      while (seen.length === 0 && Date.now() < deadline) await pause(1);
      return seen.shift();
    },
  };
}
