import type { Backend } from "./backend.js";
import type { EngineName } from "./engine.js";
import { EngineUnavailable } from "./errors.js";

/** An engine of the design that this version does not bring: known by name, never there, and honest about it. */
export function absentBackend(name: EngineName, remedy: string): Backend {
  const why = "this version of Folio does not bring it";
  return {
    name,
    probe: async () => ({ available: false, why, remedy }),
    start: async () => {
      throw new EngineUnavailable(name, why, remedy);
    },
  };
}
