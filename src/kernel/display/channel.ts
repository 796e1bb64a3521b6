import type { MimeBundle } from "./bundle.js";

/** Where displays go: the executor of a running notebook opens it; without one, they go nowhere but to the text on the console. */
export interface DisplayChannel {
  show(bundle: MimeBundle, displayId?: string): void;
  update(bundle: MimeBundle, displayId: string): void;
  clear(wait: boolean): void;
  /** Work of a display that the cell's end must wait for. */
  pending(work: Promise<void>): void;
  /** Fires when the reader interrupts the running cell. */
  signal(): AbortSignal;
}

// The registry of symbols, not a module variable: a notebook may load `folio/display` from another copy of this file.
const key = Symbol.for("folio.display.channel");

export function openChannel(channel: DisplayChannel): () => void {
  Reflect.set(globalThis, key, channel);
  return () => Reflect.deleteProperty(globalThis, key);
}

export function currentChannel(): DisplayChannel | undefined {
  return Reflect.get(globalThis, key) as DisplayChannel | undefined;
}
