import { engineCases } from "../cases/engine.cases.js";
import { openEngine } from "../open.js";

engineCases("wasm", () => openEngine({ prefer: "wasm" }));
