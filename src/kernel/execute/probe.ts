import type { Position } from "../compile/position.js";
import type { MimeBundle } from "../display/bundle.js";

/** What a debugger may ask the executor of a notebook, by way of the inspector, also while a cell is paused. */
export interface Probe {
  /** The notebook's variables. */
  variables(): Readonly<Record<string, unknown>>;
  /** Places in a cell's compiled code → places in the cell; undefined for text the compiler added. */
  original(cell: number, places: readonly Position[]): (Position | undefined)[];
  describe(value: unknown): MimeBundle | Promise<MimeBundle>;
  /** Makes a variable of the notebook. */
  put(name: string, value: unknown): void;
}

const key = "folio.notebook";

/** How the inspector's expressions reach the probe. */
export const probeExpression = `globalThis[Symbol.for(${JSON.stringify(key)})]`;

export function openProbe(probe: Probe): () => void {
  Reflect.set(globalThis, Symbol.for(key), probe);
  return () => Reflect.deleteProperty(globalThis, Symbol.for(key));
}

/** The pattern of the addresses of cells' scripts; its first group is the cell's count. */
export const cellAddress = /Cell(?: |%20)(?:\[|%5B)(-?\d+)(?:\]|%5D)$/;
