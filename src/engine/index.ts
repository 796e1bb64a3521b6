export type { Availability, Available, Missing } from "./backend.js";
export type { Engine, EngineDescription, EngineName, TensorFlow } from "./engine.js";
export { EngineUnavailable } from "./errors.js";
export { findEngines, openEngine, type OpenOptions } from "./open.js";
export type { MakeStep, StepFunction } from "./step.js";
export { adamW, type AdamWOptions } from "./ops/adam-w.js";
export { clipByGlobalNorm, type ClippedGradients } from "./ops/clip.js";
export { gelu } from "./ops/gelu.js";
export { groupNorm, type GroupNormOptions } from "./ops/group-norm.js";
