import type { Value } from "./value.js";

/** What is noticed while one call of a step runs, to decide whether later calls may skip TensorFlow.js. */
export class Capture {
  /** Values that JavaScript made during the call. */
  readonly made = new Set<Value>();
  /** Scalars with the JavaScript number behind them, such as an optimizer's learning rate. */
  readonly live = new Map<Value, () => number>();
  /** What JavaScript does beside computing, and a replay must do too: counting iterations. */
  readonly hooks: (() => void)[] = [];
  /** Why this call cannot be replayed, when it cannot. */
  spoiled?: string;

  spoil(reason: string): void {
    this.spoiled ??= reason;
  }
}
