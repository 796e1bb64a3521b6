import { engineCases } from "../cases/engine.cases.js";
import { openEngine } from "../open.js";

// On a machine with an NVIDIA GPU: node --test dist/engine/tensorflow/tensorflow-gpu.cases.js
engineCases("tensorflow-gpu", () => openEngine({ prefer: "tensorflow-gpu" }));
