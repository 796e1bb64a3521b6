import { engineCases } from "../cases/engine.cases.js";
import { openEngine } from "../open.js";

engineCases("ort", () => openEngine({ prefer: "ort" }));
