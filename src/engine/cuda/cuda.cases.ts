import { engineCases } from "../cases/engine.cases.js";
import { openEngine } from "../open.js";

// On a machine with an NVIDIA GPU: node --test dist/engine/cuda/cuda.cases.js
engineCases("ort-cuda", () => openEngine({ prefer: "ort-cuda" }));
