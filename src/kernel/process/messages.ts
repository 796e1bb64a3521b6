import type { CellEvent, CellResult } from "../execute/events.js";

/** From the process that drives a notebook to the one that runs its cells. */
export type ToRunner =
  | { readonly kind: "open"; readonly folder: string }
  | { readonly kind: "run"; readonly count: number; readonly source: string }
  | { readonly kind: "interrupt" }
  | { readonly kind: "close" };

export type FromRunner =
  | { readonly kind: "ready" }
  | { readonly kind: "event"; readonly event: CellEvent }
  | { readonly kind: "result"; readonly result: CellResult };
