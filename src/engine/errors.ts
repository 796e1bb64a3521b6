import { FolioError } from "../core/index.js";
import type { EngineName } from "./engine.js";

/** The engine that was asked for cannot run here; another one is never taken in its place. */
export class EngineUnavailable extends FolioError {
  readonly code = "engine-unavailable";
  constructor(
    readonly engine: EngineName,
    readonly why: string,
    readonly remedy: string,
  ) {
    super(`Engine "${engine}": ${why}. ${remedy}`);
  }
}
