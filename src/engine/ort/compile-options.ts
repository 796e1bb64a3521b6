import type { Layout } from "./layout/layout.js";
import type { SessionOptions } from "./runtime.js";

/** How recordings become sessions. */
export interface CompileOptions extends SessionOptions {
  /** The blocked layout of images; the natural one when left out. */
  readonly layout?: Layout;
  /** Whether results stay in the provider's memory. */
  readonly keepsOnDevice?: boolean;
}
