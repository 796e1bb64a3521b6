import { engineCases } from "../cases/engine.cases.js";
import { openEngine } from "../open.js";

// Run by webgpu.test.ts in a process that finds a Vulkan driver; on a real GPU: FOLIO_ALL_CASES=1 node --test dist/engine/webgpu/webgpu.cases.js
engineCases("webgpu", () => openEngine({ prefer: "webgpu" }), process.env.FOLIO_ALL_CASES === "1" ? "all" : "table");
