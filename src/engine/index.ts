export type { Availability, Available, Missing } from "./backend.js";
export type { Engine, EngineDescription, EngineName, TensorFlow } from "./engine.js";
export { EngineUnavailable } from "./errors.js";
export { findEngines, openEngine, type OpenOptions } from "./open.js";
export { gelu } from "./ops/gelu.js";
export type { MakeStep, StepFunction } from "./step.js";
