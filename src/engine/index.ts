export type { Engine, EngineDescription, EngineName } from "./engine.js";
