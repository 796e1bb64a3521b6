import { InvalidValue } from "../core/index.js";
import { colorMapTables } from "./color-map-tables.js";

export type ColorMapName = "plasma" | "viridis" | "magma" | "inferno";

/**
 * A perceptually uniform colour map of matplotlib as 256 RGB triples: `table[3·v]` is the red of byte value v.
 * @throws InvalidValue for a name that is none of the four
 * @example colorMap("plasma").slice(0, 3) // [12, 7, 134]
 */
export function colorMap(name: ColorMapName): Uint8Array {
  if (!Object.hasOwn(colorMapTables, name)) {
    throw new InvalidValue("colorMap", `the name must be one of ${Object.keys(colorMapTables).join(", ")}`, name);
  }
  return Uint8Array.from(Buffer.from(colorMapTables[name], "base64"));
}

/**
 * Grey bytes to RGB bytes through a table of {@link colorMap}.
 * @returns three bytes for each of `values`
 */
export function applyColorMap(values: Uint8Array, table: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(3 * values.length);
  for (let i = 0; i < values.length; i++) {
    const at = 3 * values[i];
    rgb[3 * i] = table[at];
    rgb[3 * i + 1] = table[at + 1];
    rgb[3 * i + 2] = table[at + 2];
  }
  return rgb;
}
