import type { Position } from "../compile/position.js";
import type { Inspector } from "../process/inspector.js";
import type { WantedBreakpoint } from "./protocol.js";
import type { Location, Scripts } from "./scripts.js";

/** Puts the breakpoints of cells and files into the scripts that were compiled from them. */
export class Breakpoints {
  readonly #inspector: Inspector;
  readonly #scripts: Scripts;
  readonly #set = new Map<string, string[]>();

  constructor(inspector: Inspector, scripts: Scripts) {
    this.#inspector = inspector;
    this.#scripts = scripts;
  }

  /**
   * Replaces the breakpoints of a path in all its scripts. A line without code means the next one that has some.
   * @returns the line each one came to, undefined where no script is there yet or no code follows
   */
  async set(path: string, wanted: readonly WantedBreakpoint[]): Promise<(number | undefined)[]> {
    for (const breakpointId of this.#set.get(path) ?? [])
      await this.#inspector.call("Debugger.removeBreakpoint", { breakpointId }).catch(() => {});
    const ids: string[] = [];
    const lines: (number | undefined)[] = wanted.map(() => undefined);
    if (wanted.length > 0)
      for (const { id } of this.#scripts.ofPath(path)) {
        const places = await this.#possible(id);
        for (const [i, { line, condition }] of wanted.entries()) {
          const place = first(places, line);
          if (place === undefined) continue;
          lines[i] = place.original.line;
          const asked = { location: place.location, ...(condition && { condition }) };
          // Two on one line are one.
          const set = await this.#inspector.call("Debugger.setBreakpoint", asked).catch(() => undefined);
          if (set !== undefined) ids.push(String(set.breakpointId));
        }
      }
    this.#set.set(path, ids);
    return lines;
  }

  async #possible(scriptId: string): Promise<Place[]> {
    const start = { scriptId, lineNumber: 0, columnNumber: 0 };
    const { locations } = (await this.#inspector.call("Debugger.getPossibleBreakpoints", { start })) as unknown as {
      locations: (Location & { readonly type?: string })[];
    };
    const code = locations.filter(({ type }) => type !== "return");
    const originals = await this.#scripts.original(this.#inspector, code);
    return code.flatMap((location, i) => {
      const original = originals[i];
      return original === undefined ? [] : [{ location, original }];
    });
  }
}

interface Place {
  readonly location: Location;
  readonly original: Position;
}

/** The first code at or after a line. */
function first(places: readonly Place[], line: number): Place | undefined {
  const after = places.filter(({ original }) => original.line >= line);
  const nearest = Math.min(...after.map(({ original }) => original.line));
  return after.find(({ original }) => original.line === nearest);
}
