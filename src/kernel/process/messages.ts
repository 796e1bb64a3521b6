import type { CommMessage } from "../display/comm.js";
import type { CellEvent, CellResult } from "../execute/events.js";

/** From the process that drives a notebook to the one that runs its cells. */
export type ToRunner =
  | { readonly kind: "open"; readonly folder: string }
  | { readonly kind: "run"; readonly count: number; readonly source: string }
  /** Fire the running cell's AbortSignal; answered by `heard`. */
  | { readonly kind: "interrupt" }
  /** Answer for this cell now, as interrupted, if it has not ended. */
  | { readonly kind: "abandon"; readonly count: number }
  | { readonly kind: "comm"; readonly message: CommMessage }
  /** Ask for the names a value has; answered by `names`. */
  | { readonly kind: "names"; readonly id: number; readonly path: readonly string[] }
  | { readonly kind: "close" };

export type FromRunner =
  | { readonly kind: "ready" }
  | { readonly kind: "heard" }
  | { readonly kind: "event"; readonly event: CellEvent }
  | { readonly kind: "names"; readonly id: number; readonly names: readonly string[] }
  | { readonly kind: "result"; readonly result: CellResult }
  /** The code waits for a line on its standard input. */
  | { readonly kind: "input"; readonly cell: number; readonly prompt: string; readonly password: boolean }
  | { readonly kind: "comm"; readonly cell: number; readonly message: CommMessage };
