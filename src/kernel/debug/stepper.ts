import type { Inspector } from "../process/inspector.js";
import type { Pause } from "./pause.js";
import type { Location, Scripts } from "./scripts.js";

export type Kind = "next" | "stepIn" | "stepOut";

const methods = { next: "Debugger.stepOver", stepIn: "Debugger.stepInto", stepOut: "Debugger.stepOut" } as const;

/** Where a step began. */
interface Step {
  readonly kind: Kind;
  readonly depth: number;
  readonly location: Location;
  readonly line: number | undefined;
  left: number;
}

/** Most pauses within one line that a step passes over. */
const mostWithinALine = 100;

/**
 * Steps by the lines the reader sees: compiled code has several statements where the cell has one. A step that leaves its cell ends
 * with it and does not surface in the next.
 */
export class Stepper {
  readonly #inspector: Inspector;
  readonly #scripts: Scripts;
  #step: Step | undefined;
  #asked = false;

  constructor(inspector: Inspector, scripts: Scripts) {
    this.#inspector = inspector;
    this.#scripts = scripts;
  }

  /** Why the program is paused when no breakpoint was hit. */
  get reason(): "step" | "pause" {
    return this.#step === undefined ? "pause" : "step";
  }

  /** The next pause is one that the reader has asked for. */
  ask(): void {
    this.#asked = true;
    this.#step = undefined;
  }

  end(): void {
    this.#step = undefined;
    this.#asked = false;
  }

  async begin(kind: Kind, { callFrames }: Pause): Promise<void> {
    const { location } = callFrames[0];
    const [place] = await this.#scripts.original(this.#inspector, [location]);
    this.#step = { kind, depth: this.#depth(callFrames), location, line: place?.line, left: mostWithinALine };
    await this.#inspector.call(methods[kind]);
  }

  /** Whether a pause is none for the reader; the program has then been sent on. */
  async goesOn({ reason, callFrames, hitBreakpoints = [] }: Pause): Promise<boolean> {
    const { location } = callFrames[0];
    if (hitBreakpoints.length > 0 || this.#asked || (reason !== "other" && reason !== "step")) {
      this.#asked = false;
      return false;
    }
    const step = this.#step;
    if (step === undefined) {
      if (await this.#isDebuggerStatement(location)) return false;
      await this.#inspector.call("Debugger.resume");
      return true;
    }
    const [place] = await this.#scripts.original(this.#inspector, [location]);
    const sameLine =
      this.#depth(callFrames) === step.depth && location.scriptId === step.location.scriptId && place?.line === step.line;
    const unseen = place === undefined || (sameLine && isAfter(location, step.location));
    if (!unseen || step.left-- === 0) return false;
    await this.#inspector.call(
      place === undefined && this.#scripts.get(location.scriptId) === undefined ? "Debugger.stepOut" : methods[step.kind],
    );
    return true;
  }

  /** How many functions of the reader's are on the stack: what called a cell is no longer there after an await. */
  #depth(frames: Pause["callFrames"]): number {
    return frames.filter(({ location }) => this.#scripts.get(location.scriptId) !== undefined).length;
  }

  async #isDebuggerStatement({ scriptId, lineNumber, columnNumber = 0 }: Location): Promise<boolean> {
    const { scriptSource } = (await this.#inspector.call("Debugger.getScriptSource", { scriptId })) as {
      scriptSource?: string;
    };
    return scriptSource?.split("\n")[lineNumber]?.startsWith("debugger", columnNumber) === true;
  }
}

const isAfter = (a: Location, b: Location): boolean =>
  a.lineNumber > b.lineNumber || (a.lineNumber === b.lineNumber && (a.columnNumber ?? 0) > (b.columnNumber ?? 0));
