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
const notTheUsers = ["^node:", "/dist/kernel/(execute|process|compile|modules)/"];

/** Pauses in the next user code that runs and ends it. @returns false when none ran for as long as `limitMs` */
async function terminateInTheAct(inspector: Inspector, limitMs: number): Promise<boolean> {
  let seen = (): void => {};
  const paused = new Promise<boolean>((resolve) => (seen = () => resolve(true)));
  const off = inspector.on((method) => {
    if (method === "Debugger.paused") seen();
  });
  try {
    await inspector.call("Debugger.enable");
    await inspector.call("Debugger.setBlackboxPatterns", { patterns: notTheUsers });
    await inspector.call("Debugger.pause");
    const caught = await Promise.race([paused, pause(limitMs).then(() => false)]);
    if (caught) {
      const ended = inspector.call("Runtime.terminateExecution").catch(() => ({}));
      await inspector.call("Debugger.resume").catch(() => ({}));
      await Promise.race([ended, pause(200)]);
    }
    await inspector.call("Debugger.disable");
    return caught;
  } finally {
    off();
  }
}
