import { randomUUID } from "node:crypto";
import { currentChannel } from "./channel.js";
import { describe } from "./describe.js";
import type { MimeBundle } from "./bundle.js";

/** An output that can be shown anew in its place. */
export interface DisplayHandle {
  readonly id: string;
  /** Replaces what the output shows, wherever in the notebook it is. */
  update(value: unknown): void;
}

// In the registry of symbols for the same reason as the display channel.
const shown = Symbol.for("folio.display.handle");

/** What `display` gives back is no result to be shown once more when it ends a cell. */
export const isHandle = (value: unknown): boolean => typeof value === "object" && value !== null && Object.hasOwn(value, shown);

/**
 * Shows a value in the running cell, in the richest form the front end knows. Outside a notebook nothing is shown.
 * @example
 * const live = display("starting …");
 * live.update(markdown("**done**"));
 */
export function display(value: unknown, id: string = randomUUID()): DisplayHandle {
  send(value, (bundle) => currentChannel()?.show(bundle, id));
  const handle: DisplayHandle = { id, update: (next) => send(next, (bundle) => currentChannel()?.update(bundle, id)) };
  return Object.defineProperty(handle, shown, { value: true });
}

/** Shows a value in the place of an earlier display. */
export const update = (handle: DisplayHandle | string, value: unknown): void =>
  send(value, (bundle) => currentChannel()?.update(bundle, typeof handle === "string" ? handle : handle.id));

/** Removes the running cell's output; with `wait`, when the next output comes, so that nothing flickers. */
export function clear({ wait = false }: { wait?: boolean } = {}): void {
  currentChannel()?.clear(wait);
}

/** Fires when the reader interrupts the running cell; hand it to long work: `train({ signal: interruptSignal() })`. */
export const interruptSignal = (): AbortSignal => currentChannel()?.signal() ?? new AbortController().signal;

// Most values are described at once and so keep their order among printed lines; a tensor's values must be waited for.
function send(value: unknown, show: (bundle: MimeBundle) => void): void {
  const described = describe(value);
  if (!(described instanceof Promise)) return show(described);
  currentChannel()?.pending(described.then(show));
}
