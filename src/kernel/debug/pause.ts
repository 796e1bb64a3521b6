import type { Location } from "./scripts.js";

/** A function on the stack of a paused program, innermost first. */
export interface CallFrame {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly location: Location;
  readonly scopeChain: readonly { readonly type: string; readonly object: { readonly objectId?: string } }[];
}

/** What the inspector says when the program has paused. */
export interface Pause {
  readonly reason: string;
  readonly callFrames: readonly CallFrame[];
  readonly hitBreakpoints?: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The variables a frame sees apart from the notebook's: its own and those of the functions and blocks around it. */
export function frameVariables({ scopeChain }: CallFrame): { objectIds: string[]; hidden: (name: string) => boolean } {
  const scopes = scopeChain.filter(({ type }) => type !== "global" && type !== "script");
  return { objectIds: scopes.flatMap(({ object }) => object.objectId ?? []), hidden: isMachinery };
}

/** What a cell's function is given to run in a notebook, and the compiler's own names. */
const isMachinery = (name: string): boolean =>
  /^(?:\$folio|\$copy\d+|require|__filename|__dirname|babelHelpers|arguments)$/.test(name);
