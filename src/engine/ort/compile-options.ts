import type { FusionRule } from "./fusion/fusion.js";
import type { HalfPrecision } from "./half-precision.js";
import type { Layout } from "./layout/layout.js";
import type { SessionOptions } from "./runtime.js";

/** How recordings become sessions. */
export interface CompileOptions extends SessionOptions {
  /** The blocked layout of images; the natural one when left out. */
  readonly layout?: Layout;
  /** What products and convolutions are computed in; float32 when left out. */
  readonly half?: HalfPrecision;
  /** Whether results stay in the provider's memory. */
  readonly keepsOnDevice?: boolean;
  /** Chains of kernel calls that become one operator; none when left out. */
  readonly fusions?: readonly FusionRule[];
}
