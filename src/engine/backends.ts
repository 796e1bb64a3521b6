import type { Backend } from "./backend.js";
import { ortBackend } from "./ort/backend.js";
import { tensorflowBackend } from "./tensorflow/backend.js";
import { wasmBackend } from "./wasm/backend.js";

/** Every engine, fastest first: the order in which `"auto"` looks. */
export const backends: readonly Backend[] = [tensorflowBackend("tensorflow-gpu"), tensorflowBackend("tensorflow"), ortBackend, wasmBackend];
