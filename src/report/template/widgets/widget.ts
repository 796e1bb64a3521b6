import type { Figure } from "../../../figures/index.js";

/** What a reader can operate on the screen, with the drawing that stands for it in print and in the exports. */
export interface Widget {
  /** Which of the page's scripts brings it to life. */
  readonly type: "stack" | "raters" | "surface";
  readonly caption: string;
  readonly generated: boolean;
  readonly twin: Figure;
  /** For the script; plain JSON. */
  readonly data: unknown;
}
