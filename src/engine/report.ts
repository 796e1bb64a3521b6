import type { Availability } from "./backend.js";
import type { EngineDescription, EngineName } from "./engine.js";
import { engineInUse, findEngines } from "./open.js";

/**
 * Which engine is in use in this process and why, or which one `openEngine()` would take; what a cell `%engine` prints.
 * Opens nothing, so an engine in use stays as it is.
 */
export async function engineReport(): Promise<string> {
  const used = engineInUse();
  return used === undefined ? listing(await findEngines()) : inUse(used);
}

function inUse({ name, device, state, reason, versions, counters = {} }: EngineDescription): string {
  const pairs = (of: Readonly<Record<string, string>>): string =>
    Object.entries(of)
      .map(([key, value]) => `${key} ${value}`)
      .join(", ");
  const happened = Object.entries(counters).filter(([, count]) => count !== 0);
  const counted = happened.length === 0 ? [] : [`counted: ${happened.map(([name, count]) => `${name} ${Math.round(count * 10) / 10}`).join(", ")}`];
  return [`Engine ${name}: ${device}; ${reason}`, `Weights are ${state}.`, `versions: ${pairs(versions)}`, ...counted].join("\n");
}

type Found = Availability & { readonly name: EngineName };

function listing(found: readonly Found[]): string {
  const first = found.find(({ available }) => available);
  const head = first === undefined ? "No engine can run here." : `No engine is open yet; openEngine() would take ${first.name}.`;
  const line = (engine: Found): string =>
    engine.available ? `✔ ${engine.name}: ${engine.device}` : `– ${engine.name}: ${engine.why}\n    ${engine.remedy}`;
  return [head, ...found.map(line)].join("\n");
}
