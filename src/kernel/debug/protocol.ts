// The part of the Debug Adapter Protocol (microsoft.github.io/debug-adapter-protocol) that Jupyter's front ends use.

export type Body = Readonly<Record<string, unknown>>;

export interface DebugRequest {
  readonly seq: number;
  readonly command: string;
  readonly arguments?: Body;
}

export interface DebugResponse {
  readonly type: "response";
  readonly seq: number;
  readonly request_seq: number;
  readonly command: string;
  readonly success: boolean;
  readonly body?: Body;
  readonly message?: string;
}

export interface DebugEvent {
  readonly type: "event";
  readonly seq: number;
  readonly event: string;
  readonly body: Body;
}

/** Where a breakpoint was asked for. Lines count from 1. */
export interface WantedBreakpoint {
  readonly line: number;
  /** TypeScript's plain subset: an expression that must hold for the program to stop. */
  readonly condition?: string;
}

export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly type: string;
  /** 0 for a value without inner ones. */
  readonly variablesReference: number;
  readonly evaluateName?: string;
  readonly indexedVariables?: number;
}
