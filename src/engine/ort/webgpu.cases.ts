import { engineCases } from "../cases/engine.cases.js";
import { openEngine } from "../open.js";

// Run by webgpu.test.ts in a process that finds a Vulkan driver.
engineCases("ort-webgpu", () => openEngine({ prefer: "ort-webgpu" }));
