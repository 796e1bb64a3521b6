import type { Engine } from "../engine/index.js";
import type { Shell } from "./shell.js";

/** Opens the engine that `--engine` names for `work`, and closes it however that ends. */
export async function withEngine<T>(prefer: string, { signal }: Shell, work: (engine: Engine) => Promise<T>): Promise<T> {
  const { openEngine } = await import("../engine/index.js");
  const engine = await openEngine({ prefer: prefer as "auto", signal });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}
