import { engineCases } from "../cases/engine.cases.js";
import { openEngine } from "../open.js";

// Run by tests/interop/tensorflow.test.mjs where the addon was built.
engineCases("tensorflow", () => openEngine({ prefer: "tensorflow" }));
