import type { MimeBundle } from "../display/bundle.js";
import type { CellError } from "./trace.js";

/** What a cell sends out while it runs, and after, when work it started goes on. `cell` is its execution count. */
export type CellEvent =
  | { readonly kind: "stream"; readonly cell: number; readonly name: "stdout" | "stderr"; readonly text: string }
  | {
      readonly kind: "display";
      readonly cell: number;
      readonly bundle: MimeBundle;
      readonly displayId?: string;
      readonly update: boolean;
    }
  | { readonly kind: "clear"; readonly cell: number; readonly wait: boolean }
  /** A rejection nobody handled, or an error thrown in a callback; the cell itself may have ended well before. */
  | { readonly kind: "late-error"; readonly cell: number; readonly error: CellError };

export type CellResult =
  | { readonly status: "ok"; readonly cell: number; readonly result?: MimeBundle }
  | { readonly status: "error"; readonly cell: number; readonly error: CellError };
