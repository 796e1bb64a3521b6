import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import type { Position } from "../compile/position.js";
import { cellAddress, probeExpression } from "../execute/probe.js";
import type { Inspector } from "../process/inspector.js";
import { notTheUsers } from "../process/interrupt.js";
import type { CellSources } from "./cell-sources.js";

/** A place as the inspector gives it: lines and columns count from 0. */
export interface Location {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber?: number;
}

interface Script {
  readonly id: string;
  /** The path by which front ends know it. */
  readonly path: string;
  readonly cell?: number;
  readonly map?: SourceMap;
}

/** The code of Node, and that of this package which runs cells and shows values: not what anybody debugs here. */
export const machinery: readonly string[] = [...notTheUsers, "/dist/kernel/(display|tslab)/"];

/** The scripts of a process that a reader may want to see, and where their compiled places come from. */
export class Scripts {
  readonly #byId = new Map<string, Script>();
  readonly #sources: CellSources;

  constructor(sources: CellSources) {
    this.#sources = sources;
  }

  /** Takes in a `Debugger.scriptParsed`. */
  parsed({ scriptId, url, sourceMapURL }: Readonly<Record<string, unknown>>): void {
    const [id, address] = [String(scriptId), String(url)];
    if (address === "" || machinery.some((pattern) => new RegExp(pattern).test(address))) return;
    const count = cellAddress.exec(address)?.[1];
    const cell = count === undefined ? undefined : Number(count);
    const path = cell === undefined ? filePath(address) : this.#sources.pathOf(cell);
    if (path !== undefined)
      this.#byId.set(id, { id, path, cell, map: cell === undefined ? inlineMap(sourceMapURL) : undefined });
  }

  get(id: string): Script | undefined {
    return this.#byId.get(id);
  }

  ofPath(path: string): Script[] {
    return [...this.#byId.values()].filter((script) => script.path === path);
  }

  /** The readers' own files among them. */
  files(): string[] {
    const own = [...this.#byId.values()].filter(({ cell, path }) => cell === undefined && !path.includes("node_modules"));
    return [...new Set(own.map(({ path }) => path))];
  }

  /** Where compiled places come from; undefined for text the compiler added and for scripts that are not known. */
  async original(inspector: Inspector, locations: readonly Location[]): Promise<(Position | undefined)[]> {
    const found: (Position | undefined)[] = locations.map(({ scriptId, lineNumber, columnNumber = 0 }) => {
      const script = this.#byId.get(scriptId);
      if (script === undefined || script.cell !== undefined) return undefined;
      const entry = script.map?.findEntry(lineNumber, columnNumber);
      if (entry === undefined) return { line: lineNumber + 1, column: columnNumber + 1 };
      return "originalLine" in entry ? { line: entry.originalLine + 1, column: entry.originalColumn + 1 } : undefined;
    });
    const cells = new Map<number, number[]>();
    for (const [i, { scriptId }] of locations.entries()) {
      const cell = this.#byId.get(scriptId)?.cell;
      if (cell !== undefined) cells.set(cell, [...(cells.get(cell) ?? []), i]);
    }
    for (const [cell, indices] of cells) {
      const places = indices.map((i) => ({
        line: locations[i].lineNumber + 1,
        column: (locations[i].columnNumber ?? 0) + 1,
      }));
      const expression = `${probeExpression}.original(${cell}, ${JSON.stringify(places)})`;
      const { result } = (await inspector.call("Runtime.evaluate", { expression, returnByValue: true })) as {
        result: { value?: (Position | null)[] };
      };
      indices.forEach((i, k) => (found[i] = result.value?.[k] ?? undefined));
    }
    return found;
  }
}

function filePath(url: string): string | undefined {
  if (url.startsWith("/")) return url;
  return url.startsWith("file:") ? fileURLToPath(url) : undefined;
}

function inlineMap(url: unknown): SourceMap | undefined {
  const encoded = /^data:application\/json;base64,(.*)$/.exec(String(url))?.[1];
  if (encoded === undefined) return undefined;
  return new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as SourceMap["payload"]);
}
