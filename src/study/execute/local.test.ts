import { describe } from "node:test";
import { executorCases } from "./executor.cases.js";
import { localExecutor } from "./local.js";

describe("the local executor", () => executorCases(async () => localExecutor({ cores: 2, memoryGb: 8, gpus: [] }, process.env)));
